//! The names that Python has without an import.

use std::collections::HashSet;
use std::sync::LazyLock;

/// The builtins of Python 3.14 (`dir(builtins)`), and those of Python 2 that did something.
pub(super) static BUILTINS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    "abs aiter all anext any ascii bin bool breakpoint bytearray bytes callable chr classmethod compile complex \
     copyright credits delattr dict dir divmod enumerate eval exec execfile exit file filter float format frozenset \
     getattr globals hasattr hash help hex id input int isinstance issubclass iter len license list locals map max \
     memoryview min next object oct open ord pow print property quit range raw_input reload repr reversed round set \
     setattr slice sorted staticmethod str sum super tuple type vars zip __import__ __build_class__ \
     ArithmeticError AssertionError AttributeError BaseException BaseExceptionGroup BlockingIOError BrokenPipeError \
     BufferError BytesWarning ChildProcessError ConnectionAbortedError ConnectionError ConnectionRefusedError \
     ConnectionResetError DeprecationWarning EOFError EncodingWarning EnvironmentError Exception ExceptionGroup \
     FileExistsError FileNotFoundError FloatingPointError FutureWarning GeneratorExit IOError ImportError \
     ImportWarning IndentationError IndexError InterruptedError IsADirectoryError KeyError KeyboardInterrupt \
     LookupError MemoryError ModuleNotFoundError NameError NotADirectoryError NotImplementedError OSError \
     OverflowError PendingDeprecationWarning PermissionError ProcessLookupError PythonFinalizationError \
     RecursionError ReferenceError ResourceWarning RuntimeError RuntimeWarning StopAsyncIteration StopIteration \
     SyntaxError SyntaxWarning SystemError SystemExit TabError TimeoutError TypeError UnboundLocalError \
     UnicodeDecodeError UnicodeEncodeError UnicodeError UnicodeTranslateError UnicodeWarning UserWarning ValueError \
     Warning ZeroDivisionError"
        .split_ascii_whitespace()
        .collect()
});
