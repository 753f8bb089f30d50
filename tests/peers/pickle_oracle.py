"""Which globals CPython's unpicklers ask for, without importing any.

Reads cases from standard input: a length in decimal and a line feed, then as many bytes; until the end. For each
case, writes one line: a JSON list of [module, name] pairs, in the order in which either unpickler asked for them.
`find_class` is replaced, so that nothing is imported and nothing is called but objects that do nothing.
"""

import io
import json
import pickle
import resource
import signal
import sys


class Inert:
    """Takes every call, attribute and item, and does nothing."""

    def __new__(cls, *args, **kwargs):
        return object.__new__(cls)

    def __init__(self, *args, **kwargs):
        pass

    def __call__(self, *args, **kwargs):
        return self

    def __getattr__(self, name):
        if name.startswith("__") and name != "__setstate__":
            raise AttributeError(name)
        return self

    def __setitem__(self, key, value):
        pass

    def __reduce_ex__(self, protocol):
        return (Inert, ())


class InertClass(type):
    """A class that takes every call, attribute and item, so that `NEWOBJ` works as well."""

    def __call__(cls, *args, **kwargs):
        return Inert()

    def __getattr__(cls, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Inert()

    def __setitem__(cls, key, value):
        pass


class AnyClass(Inert, metaclass=InertClass):
    pass


def recording(base):
    class Recorder(base):
        seen = None

        def find_class(self, module, name):
            self.seen.append((module, name))
            return AnyClass

        def persistent_load(self, pid):
            return Inert()

    return Recorder


C = recording(pickle.Unpickler)
PYTHON = recording(pickle._Unpickler)


def ask(recorder, content, encoding, seen):
    file = io.BytesIO(content)
    for _ in range(64):
        before = file.tell()
        unpickler = recorder(file, encoding=encoding)
        unpickler.seen = seen
        signal.alarm(2)
        try:
            unpickler.load()
        except BaseException:
            break
        finally:
            signal.alarm(0)
        if file.tell() == before or len(seen) > 10_000:
            break


def too_slow(number, frame):
    raise TimeoutError


def main():
    # A memo index makes the C unpickler allocate that many entries, and a length that many bytes.
    resource.setrlimit(resource.RLIMIT_AS, (1 << 28, 1 << 28))
    signal.signal(signal.SIGALRM, too_slow)
    source = sys.stdin.buffer
    while line := source.readline():
        content = source.read(int(line))
        seen = []
        for recorder in (C, PYTHON):
            for encoding in ("ASCII", "latin1"):
                try:
                    ask(recorder, content, encoding, seen)
                except BaseException:
                    # The alarm came just after the end of a case.
                    signal.alarm(0)
        pairs = [[part.encode("utf-8", "replace").decode() for part in pair] for pair in dict.fromkeys(seen)]
        print(json.dumps(pairs), flush=True)


main()
