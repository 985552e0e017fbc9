"""How fast the library is: ratios to the floor, to other libraries, and to Node's original.

``python -m benchmarks`` (or ``make bench``) asks every question; ``--help`` tells the rest.

Only ratios of one run count, so the contenders take turns: each is called for 1.5 ms, round
after round, in one process after the other. Three runs of 2 s each then agreed to 1.4 % on the
ratio of a round trip to the floor's, and to 0.7 % on reading. pyperf's runner and pytest-benchmark
measure one benchmark after the other: three runs of pyperf (25 s each) differed by 3 % and 6 %,
three of pytest-benchmark (1.3 s each) by 3 % and 6 %. So the turns are ours, and the stop-watch is
the standard library's timeit. The rest is pyperf's: it keeps the figures, one value for each
process, knows the machine, and compares two runs. pytest-benchmark keeps only the figures of its
own fixture.

    payloads.py         the inputs: contents, responses, configurations
    floor.py            the floor: the least that pure Python can do
    apps.py             small applications, and calls of them without a server
    question.py         a question and its cases; the stop-watch
    sessions.py         our calls and those of the floor, for each operation
    contenders/         a module each: our middlewares, frameworks, libraries
    originals.py        starts the scripts of node/
    bench_core.py       the floor, other libraries, Node's original
    bench_formats.py    the formats of iron-session and React Router, and their originals
    bench_responses.py  real responses, careful configurations, frameworks, untouched sessions
    bench_requests.py   long, refused, crowded headers; keys in rotation
    bench_costs.py      memory, import
    bench_servers.py    whole servers under load
    node/               Node's packages, measured and served
    worker.py           a process that measures one question, a round at a time
    turns.py            several workers in turns; keeps their figures with pyperf
    publish.py          tables, bars, and the pages of the documentation
    __main__.py         the command
"""
