"""Candidates for the table of names (`crates/modelpin-scan/src/knowledge/names/`): what the functions of a library reach.

    python3 tests/peers/names.py FOLDER... [--all] [--plain] [--loose] [--depth N]

For each package or module in FOLDER (or FOLDER itself, where it is a package) it prints, a line each,

    module name  words  file:line  through

for every function, class and method that reaches a call which acts on the machine: the words of the table, where the
nearest of these calls is, and through which functions. A class reaches what making an instance of it reaches. Names
under which a package hands a function on are printed as well (`= where it is defined`).

Only syntax is read: nothing of the library is imported or run. So a candidate is a place to look at, not a verdict:
calls are followed by the names that the source gives them, within the packages read, and what goes through a table,
a registry or an argument is not seen. `--all` prints private names too; `--plain` prints what reaches nothing, with
what it calls that nothing is known of (candidates for `plain`); `--loose` also follows a method that only one class
of the package has.
"""

import ast
import collections
import gc
import os
import sys
import warnings

warnings.simplefilter("ignore")

PROCESS, CODE, PICKLE, NATIVE = "process", "dynamic-code", "deserialise", "native"
NETWORK, WRITE, READ, ENVIRON = "network", "filesystem-write", "filesystem-read-outside", "environment"
REACHES = "reaches"


def table(word, text):
    return {name: word for name in text.split()}


# What is known from outside: calls that act. The most exact wins; what ends in `.` counts for everything below.
SINKS = {
    **table(CODE, """exec eval compile __import__ execfile breakpoint importlib. runpy. code. codeop. imp. zipimport.
        types.FunctionType types.CodeType pkgutil.get_loader pkgutil.find_loader pkgutil.resolve_name pydoc.
        timeit. doctest. pdb. bdb. trace. site. typing.get_type_hints inspect.get_annotations sys.settrace
        sys.setprofile threading.settrace sys.path.insert sys.path.append sys.path.extend
        logging.config.dictConfig logging.config.fileConfig torch.hub. torch.utils.cpp_extension.
        torch.ops.load_library torch.classes.load_library concurrent.interpreters. gc."""),
    **table(PROCESS, """subprocess. os.system os.popen os.kill os.killpg os.fork os.forkpty os.abort os._exit
        os.startfile pty. webbrowser. multiprocessing.Process multiprocessing.Pool multiprocessing.spawn.
        asyncio.create_subprocess_exec asyncio.create_subprocess_shell _posixsubprocess. pexpect. venv. ensurepip.
        concurrent.futures.ProcessPoolExecutor _winapi.CreateProcess commands. os.nice os.setuid os.chroot signal.
        """ + " ".join("os." + head + tail for head in ("exec", "spawn") for tail in "l le lp lpe v ve vp vpe".split())
        + " os.posix_spawn os.posix_spawnp os._execvpe distutils.spawn.spawn"),
    **table(PICKLE, """pickle.load pickle.loads pickle.Unpickler pickle._load pickle._loads pickle._Unpickler _pickle.
        cPickle.load cPickle.loads cPickle.Unpickler marshal.load marshal.loads shelve. dill.load dill.loads
        cloudpickle.load cloudpickle.loads joblib.load torch.load numpy.load pandas.read_pickle jsonpickle.
        yaml.load yaml.unsafe_load yaml.full_load yaml.load_all multiprocessing.reduction. copyreg.
        jsonpickle.decode srsly.pickle_loads hickle.load"""),
    **table(NATIVE, """ctypes. cffi. _ctypes. mmap.mmap numpy.ctypeslib. os.dlopen sys.setdlopenflags"""),
    **table(NETWORK, """socket. urllib.request. http.client. ftplib. smtplib. poplib. imaplib. nntplib. telnetlib.
        xmlrpc. requests. httpx. aiohttp. urllib3. socketserver. http.server. ssl. asyncio.open_connection
        asyncio.start_server multiprocessing.connection. multiprocessing.managers. boto3. botocore. fsspec. s3fs.
        gcsfs. grpc. paramiko. websocket. websockets. zmq. huggingface_hub. wget. gdown. smart_open.
        logging.handlers.SocketHandler logging.handlers.HTTPHandler logging.handlers.SMTPHandler
        torch.hub.load_state_dict_from_url torch.hub.download_url_to_file pooch."""),
    **table(WRITE, """os.remove os.unlink os.rename os.renames os.replace os.rmdir os.removedirs os.mkdir os.makedirs
        os.symlink os.link os.chmod os.chown os.truncate os.mknod os.mkfifo os.utime os.write os.open os.ftruncate
        shutil. tempfile. sqlite3.connect dbm. fileinput. logging.FileHandler logging.basicConfig zipfile.ZipFile
        tarfile.open tarfile.TarFile gzip.GzipFile bz2.BZ2File lzma.LZMAFile wave.open numpy.save numpy.savez
        numpy.savetxt numpy.savez_compressed numpy.memmap torch.save joblib.dump h5py.File winreg. _winreg.
        logging.handlers.RotatingFileHandler faulthandler. zipapp. compileall. py_compile. curses. readline.
        PIL.Image.Image.save soundfile.write matplotlib.pyplot.savefig"""),
    **table(READ, """linecache. glob. os.listdir os.scandir os.walk os.readlink io.open_code getpass. netrc. pwd. grp.
        spwd. mailbox. filecmp. numpy.fromfile numpy.loadtxt numpy.genfromtxt pandas.read_csv tomllib.load
        os.fwalk nis. soundfile.read PIL.Image.open xml.etree.ElementTree.parse xml.dom.minidom.parse xml.sax.parse"""),
    **table(ENVIRON, """os.putenv os.unsetenv os.environ.update os.environ.setdefault os.environ.pop os.environ.clear
        os.environ.__setitem__ os.environb."""),
    **table(REACHES, """operator.attrgetter operator.methodcaller functools.reduce sys._getframe inspect.currentframe
        inspect.stack sys.modules. gc.get_objects gc.get_referrers weakref.finalize atexit.register
        string.Formatter"""),
    # Harmless members of what is listed as a whole above.
    **table("", """subprocess.list2cmdline socket.gethostname urllib.request.Request ssl.SSLError shutil.which
        shutil.get_terminal_size tempfile.gettempdir ctypes.sizeof ctypes.byref ctypes.POINTER ctypes.cast
        importlib.metadata.version importlib.util.find_spec importlib.metadata.PackageNotFoundError
        copyreg.pickle signal.Signals gc.collect http.client.responses requests.exceptions.
        huggingface_hub.utils. multiprocessing.cpu_count ctypes.c_ importlib.resources."""),
}

OPENERS = """open io.open codecs.open gzip.open bz2.open lzma.open builtins.open os.fdopen io.FileIO tokenize.open
    zstandard.open lz4.frame.open""".split()

# Methods that act, whatever has them.
METHODS = {
    **table(WRITE, """write_text write_bytes tofile unlink mkdir rmdir symlink_to hardlink_to extractall to_csv to_pickle
        to_parquet to_json to_hdf to_excel to_feather save_pretrained savefig touch save_to_disk"""),
    **table(READ, "read_text read_bytes iterdir rglob"),
    **table(NETWORK, "urlopen urlretrieve getresponse"),
    **table(CODE, "exec_module load_module run_module get_ipython load_extension enable_load_extension"),
    **table(PROCESS, "subprocess_exec subprocess_shell create_subprocess_exec create_subprocess_shell"),
}


class Module:
    def __init__(self, name, path, is_package, tree):
        self.name, self.path, self.tree = name, path, tree
        self.package = name if is_package else name.rpartition(".")[0]
        self.names = {}  # what a name of the module is, as a dotted path
        self.stars = []  # modules whose names it takes over
        self.all = None
        self.defines = {}  # names defined here: the node


class Function:
    __slots__ = ("name", "where", "sinks", "calls", "unknown", "params")

    def __init__(self, name, where):
        self.name, self.where = name, where
        self.sinks, self.calls, self.unknown, self.params = {}, [], set(), set()


def modules(root):
    """The modules in a folder: (dotted name, path, whether it is a package)."""
    root = root.rstrip("/")
    if os.path.isfile(root):
        yield os.path.basename(root)[:-3], root, False
        return
    base = os.path.dirname(root) if os.path.exists(os.path.join(root, "__init__.py")) else root
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if name.isidentifier() and name != "__pycache__")
        for file in sorted(files):
            if file.endswith(".py"):
                path = os.path.join(folder, file)
                parts = os.path.relpath(path, base)[:-3].split(os.sep)
                is_package = parts[-1] == "__init__"
                yield ".".join(parts[:-1] if is_package else parts), path, is_package


def dotted(node):
    """`a.b.c` of an expression, or None."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name):
        return ".".join([node.id, *reversed(parts)])
    if isinstance(node, ast.Call):
        made = dotted(node.func)
        if made and "()" not in made:
            return ".".join([made + "()", *reversed(parts)])
    return None


def imports(node, module):
    """The names that an import binds, as (name, dotted path); (None, module) for a star."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield (alias.asname, alias.name) if alias.asname else (alias.name.split(".")[0],) * 2
        return
    source = node.module or ""
    if node.level:
        package = module.package.split(".")
        package = package[: len(package) - node.level + 1]
        source = ".".join([*package, source] if source else package)
    for alias in node.names:
        yield (None, source) if alias.name == "*" else (alias.asname or alias.name, f"{source}.{alias.name}")


class Reader:
    def __init__(self):
        self.modules, self.functions, self.classes = {}, {}, {}
        self.methods = collections.defaultdict(list)
        self.cache, self.parents, self.ancestry, self.givers = {}, {}, {}, {}

    def add(self, name, path, is_package):
        try:
            with open(path, "rb") as file:
                tree = ast.parse(file.read(), path)
        except (SyntaxError, ValueError, RecursionError):
            print(f"cannot be read: {path}", file=sys.stderr)
            return
        module = self.modules[name] = Module(name, path, is_package, tree)
        self.block(tree.body, module)

    def block(self, body, module):
        """What the statements of a module bind, in all branches."""
        for node in body:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                module.defines[node.name] = node
                self.functions[f"{module.name}.{node.name}"] = None
            elif isinstance(node, ast.ClassDef):
                module.defines[node.name] = node
                self.klass(node, f"{module.name}.{node.name}")
            elif isinstance(node, (ast.Import, ast.ImportFrom)):
                for name, path in imports(node, module):
                    if name is None:
                        module.stars.append(path)
                    else:
                        module.names.setdefault(name, path)
            elif isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
                name = node.targets[0].id
                if name == "__all__" and isinstance(node.value, (ast.List, ast.Tuple)):
                    module.all = [item.value for item in node.value.elts if isinstance(item, ast.Constant)]
                other = dotted(node.value)
                if other and name not in module.defines and other.split(".")[0] != name:
                    module.names.setdefault(name, other if "." in other else f"{module.name}.{other}")
            for part in ("body", "orelse", "finalbody"):
                if isinstance(node, (ast.If, ast.Try, ast.With, ast.For, ast.While)):
                    self.block(getattr(node, part, []), module)
            for handler in getattr(node, "handlers", []):
                self.block(handler.body, module)

    def klass(self, node, name):
        self.classes[name] = node
        for inner in node.body:
            if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef)):
                self.functions[f"{name}.{inner.name}"] = None
                self.methods[inner.name].append(f"{name}.{inner.name}")
            elif isinstance(inner, ast.ClassDef):
                self.klass(inner, f"{name}.{inner.name}")

    def resolve(self, path, depth=0):
        """The dotted path where `path` is defined, through re-exports of the packages read."""
        if path in self.functions or path in self.classes or depth > 12:
            return path
        if path in self.cache:
            return self.cache[path]
        self.cache[path] = path
        found = path
        parts = path.split(".")
        for at in range(len(parts) - 1, 0, -1):
            module = self.modules.get(".".join(parts[:at]))
            if not module:
                continue
            name, rest = parts[at], parts[at + 1 :]
            if name in module.defines:
                break
            other = module.names.get(name)
            if other and other != ".".join(parts[: at + 1]):
                found = self.resolve(".".join([other, *rest]), depth + 1)
                break
            giver = self.giver(module, name)
            if giver:
                found = self.resolve(".".join([giver, name, *rest]), depth + 1)
            break
        self.cache[path] = found
        return found

    def bases(self, name):
        if name not in self.parents:
            node, module = self.classes[name], self.module_of(name)
            paths = filter(None, map(dotted, node.bases))
            self.parents[name] = [self.resolve(self.globally(path, module)) for path in paths]
        return self.parents[name]

    def module_of(self, name):
        while name:
            name = name.rpartition(".")[0]
            if name in self.modules:
                return self.modules[name]
        return None

    def globally(self, path, module):
        """A name of a module's source as a dotted path."""
        first, dot, rest = path.partition(".")
        bare = first.removesuffix("()")
        tail = first[len(bare) :] + dot + rest
        if bare in module.defines:
            return f"{module.name}.{bare}{tail}"
        if bare in module.names:
            return module.names[bare] + tail
        return self.starred(module, bare) + tail

    def lines(self, klass):
        """A class and its bases, nearest first."""
        if klass not in self.ancestry:
            line = [klass]
            for at in line:
                line.extend(base for base in self.bases(at) if base in self.classes and base not in line)
            self.ancestry[klass] = line
        return self.ancestry[klass]

    def giver(self, module, name):
        """The module that a module takes over a name from by a star, at any remove."""
        key = (module.name, name)
        if key not in self.givers:
            queue, self.givers[key] = [module.name], None
            for at in queue:
                there = self.modules.get(at)
                if there and there is not module and (name in there.defines or name in there.names):
                    self.givers[key] = at
                    break
                queue.extend(star for star in (there.stars if there else ()) if star not in queue)
        return self.givers[key]

    def starred(self, module, name):
        giver = self.giver(module, name)
        return self.resolve(f"{giver}.{name}") if giver else name

    def method(self, klass, name):
        """Where the method of a class is defined, by its bases."""
        if klass not in self.classes:
            return None
        return next((f"{at}.{name}" for at in self.lines(klass) if f"{at}.{name}" in self.functions), None)

    def read(self, loose):
        for module in self.modules.values():
            for name, node in module.defines.items():
                self.define(node, f"{module.name}.{name}", module, None, loose)
        for name in list(self.functions):
            if self.functions[name] is None:
                del self.functions[name]

    def define(self, node, name, module, klass, loose):
        if isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                    self.define(inner, f"{name}.{inner.name}", module, name, loose)
            return
        function = Function(name, f"{module.path}:{node.lineno}")
        self.functions[name] = function
        Body(self, function, module, klass, loose).read(node)


class Body:
    """What the body of a function calls."""

    def __init__(self, reader, function, module, klass, loose):
        self.reader, self.function, self.module, self.klass, self.loose = reader, function, module, klass, loose
        self.names, self.types, self.locals = {}, {}, set()

    def read(self, node):
        arguments = node.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
        params = [argument.arg for argument in every if argument]
        is_bound = self.klass is not None and params[:1] and not any(
            dotted(decorator) == "staticmethod" for decorator in node.decorator_list
        )
        self.me = params[0] if is_bound else None
        self.function.params = set(params[1:] if is_bound else params)
        nodes = [inner for statement in node.body for inner in ast.walk(statement)]
        for inner in nodes:
            if isinstance(inner, (ast.Import, ast.ImportFrom)):
                self.names.update((name, path) for name, path in imports(inner, self.module) if name)
            elif isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef)):
                self.locals.add(inner.name)
            elif isinstance(inner, ast.Assign) and isinstance(inner.value, ast.Call):
                made = dotted(inner.value.func)
                for target in inner.targets:
                    if made and isinstance(target, ast.Name):
                        self.types[target.id] = made
            elif isinstance(inner, ast.withitem) and isinstance(inner.optional_vars, ast.Name):
                if isinstance(inner.context_expr, ast.Call) and dotted(inner.context_expr.func):
                    self.types[inner.optional_vars.id] = dotted(inner.context_expr.func)
        for inner in nodes:
            if isinstance(inner, ast.Call):
                self.call(inner)
            elif isinstance(inner, (ast.Assign, ast.AugAssign, ast.Delete)):
                targets = inner.targets if not isinstance(inner, ast.AugAssign) else [inner.target]
                for target in targets:
                    if isinstance(target, ast.Subscript) and self.path(target.value) == "os.environ":
                        self.sink(ENVIRON, inner)
                    if isinstance(target, ast.Subscript) and self.path(target.value) in ("sys.path", "sys.modules"):
                        self.sink(CODE, inner)
            elif isinstance(inner, (ast.Name, ast.Attribute)) and isinstance(inner.ctx, ast.Load):
                # A function that is handed on.
                path = self.path(inner)
                if path in self.reader.functions:
                    self.function.calls.append((path, inner.lineno))

    def path(self, node):
        path = dotted(node)
        if not path:
            return None
        first, dot, rest = path.partition(".")
        bare = first.removesuffix("()")
        if bare in self.names:
            return self.reader.resolve(self.names[bare] + first[len(bare) :] + dot + rest)
        if bare in self.function.params or bare in self.locals:
            return None
        if bare in self.types and bare == first and rest:
            return self.reader.resolve(self.reader.globally(self.types[bare], self.module)) + "()." + rest
        return self.reader.resolve(self.reader.globally(path, self.module))

    def sink(self, word, node):
        if word:
            self.function.sinks.setdefault(word, node.lineno)

    def call(self, node):
        reader, function = self.reader, self.function
        if isinstance(node.func, ast.Name):
            name = node.func.id
            if name in function.params:
                self.sink(REACHES, node)
                return
            if name in ("getattr", "setattr") and len(node.args) > 1 and not isinstance(node.args[1], ast.Constant):
                self.sink(REACHES, node)
                return
        if isinstance(node.func, ast.Attribute):
            if self.own(node):
                return
        path = self.path(node.func)
        if path is None:
            if isinstance(node.func, ast.Attribute):
                self.of_unknown(node)
            return
        if path in OPENERS:
            self.open(node, 1)
            return
        if path in reader.functions:
            function.calls.append((path, node.lineno))
            return
        if path in reader.classes:
            self.make(path, node.lineno)
            return
        klass, _, name = path.rpartition(".")
        klass = klass.removesuffix("()")
        if klass in reader.classes:
            found = reader.method(klass, name)
            if found:
                function.calls.append((found, node.lineno))
                return
        word = known(path)
        if word is not None:
            self.sink(word, node)
        elif isinstance(node.func, ast.Attribute):
            self.of_unknown(node)
            function.unknown.add(path)
        else:
            function.unknown.add(path)

    def own(self, node):
        """A call of a method of the class itself."""
        value, name = node.func.value, node.func.attr
        of_super = isinstance(value, ast.Call) and dotted(value.func) == "super"
        if not (isinstance(value, ast.Name) and value.id == self.me or of_super) or not self.klass:
            return False
        if of_super:
            found = next(filter(None, (self.reader.method(base, name) for base in self.reader.bases(self.klass))), None)
        else:
            found = self.reader.method(self.klass, name)
        if found:
            self.function.calls.append((found, node.lineno))
        else:
            self.of_unknown(node)
        return True

    def make(self, klass, line):
        for name in ("__init__", "__new__", "__post_init__"):
            found = self.reader.method(klass, name)
            if found:
                self.function.calls.append((found, line))

    def of_unknown(self, node):
        name = node.func.attr
        if name in METHODS:
            self.sink(METHODS[name], node)
        elif name == "open" and node.func.value is not None:
            self.open(node, 0)
        elif self.loose and len(self.reader.methods.get(name, ())) == 1:
            self.function.calls.append((self.reader.methods[name][0], node.lineno))

    def open(self, node, at):
        mode = next((word.value for word in node.keywords if word.arg == "mode"), None)
        mode = mode or (node.args[at] if len(node.args) > at else None)
        reads = mode is None or isinstance(mode, ast.Constant) and not set(str(mode.value)) & set("wax+")
        self.sink(READ if reads else WRITE, node)


def known(path):
    path = path.replace("()", "").removeprefix("builtins.")
    if path in SINKS:
        return SINKS[path]
    head = path
    while head:
        head = head.rpartition(".")[0]
        if head + "." in SINKS:
            return SINKS[head + "."]
        if head in SINKS and head:
            return SINKS[head]
    return None


def spread(functions):
    """What each function reaches: word -> (where, through)."""
    reached = {name: {word: (f"{function.where.rpartition(':')[0]}:{line}", ()) for word, line in function.sinks.items()}
               for name, function in functions.items()}
    callers = collections.defaultdict(set)
    for name, function in functions.items():
        for callee, _ in function.calls:
            if callee in functions and callee != name:
                callers[callee].add(name)
    queue = collections.deque(name for name, words in reached.items() if words)
    while queue:
        callee = queue.popleft()
        for caller in callers[callee]:
            new = [word for word in reached[callee] if word not in reached[caller]]
            for word in new:
                where, through = reached[callee][word]
                reached[caller][word] = (where, (callee, *through))
            if new:
                queue.append(caller)
    return reached


def instance(reader, klass, reached):
    """What making an instance of a class reaches."""
    words = {}
    for name in ("__init__", "__new__", "__post_init__", "__init_subclass__"):
        found = reader.method(klass, name)
        for word, (where, through) in reached.get(found, {}).items() if found else ():
            words.setdefault(word, (where, (found, *through)))
    return words


def is_public(name):
    return not any(part.startswith("_") for part in name.split("."))


def main(arguments):
    gc.disable()  # millions of nodes of trees, and none of them garbage
    flags = {argument for argument in arguments if argument.startswith("--")}
    depth = int(arguments[arguments.index("--depth") + 1]) if "--depth" in arguments else 99
    folders = [argument for argument in arguments if not argument.startswith("--") and not argument.isdigit()]
    reader = Reader()
    for folder in folders:
        for name, path, is_package in modules(folder):
            reader.add(name, path, is_package)
    reader.read("--loose" in flags)
    reached = spread(reader.functions)
    rows = {name: reached[name] for name in reader.functions}
    rows.update((name, instance(reader, name, reached)) for name in reader.classes)
    shown = lambda name: "--all" in flags or is_public(name)

    def line(module, name, words, of):
        near = {word: entry for word, entry in words.items() if len(entry[1]) <= depth}
        if "--plain" in flags:
            if not words:
                unknown = reader.functions[of].unknown if of in reader.functions else ()
                print(module, name, "-", " ".join(sorted(unknown)), sep="\t")
        elif near:
            where, through = min(near.values(), key=lambda entry: len(entry[1]))
            print(module, name, "+".join(sorted(near)), where, " > ".join(through), sep="\t")

    for name in sorted(rows):
        module = reader.module_of(name)
        if module and shown(name):
            line(module.name, name[len(module.name) + 1 :], rows[name], name)
    for module in sorted(reader.modules.values(), key=lambda module: module.name):
        if not shown(module.name):
            continue
        taken = dict(module.names)
        for star in module.stars:
            there = reader.modules.get(star)
            for name in (there.all or [*there.defines, *there.names]) if there else ():
                taken.setdefault(name, f"{star}.{name}")
        for name, path in sorted(taken.items()):
            there = reader.resolve(path)
            if rows.get(there) and shown(name) and "--plain" not in flags:
                words = {word: (where, (there, *through)) for word, (where, through) in rows[there].items()}
                line(module.name, name + " =", words, there)


if __name__ == "__main__":
    main(sys.argv[1:])
