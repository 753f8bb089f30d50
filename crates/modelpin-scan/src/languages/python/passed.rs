//! What is passed: whether the callee calls it.

use super::groups::Hooks;
use super::value::{Named, Set, Value};
use super::walk::{Certainty, Walker};
use crate::engine::Capability;
use crate::knowledge::views::python;
use ruff_text_size::Ranged;

/// Modules that call what they are given, also in what the table has as acting or as computing.
const CALLERS: &[&str] = &[
    "threading",
    "_thread",
    "concurrent",
    "multiprocessing",
    "atexit",
    "asyncio",
    "signal",
    "timeit",
    "itertools",
    "weakref",
    "sched",
    "trace",
    "contextvars",
    "unittest",
    "operator",
    "sys",
    "cProfile",
];

/// Functions that do so with a function, and compute without one.
const FUNCTIONS: &[&str] = &[
    "numpy.apply_along_axis",
    "numpy.apply_over_axes",
    "numpy.fromfunction",
    "numpy.piecewise",
    "re.sub",
    "re.subn",
    "torch.utils.checkpoint.checkpoint",
    "torch.utils.checkpoint.checkpoint_sequential",
];

/// Of what the table says that it calls what it is given: what makes another function or class of that, which is
/// called later.
const LATER: &[&str] = &[
    "abc.",
    "contextlib.",
    "dataclasses.",
    "enum.",
    "functools.",
    "numba.",
    "reprlib.",
    "types.",
    "typing.",
    "typing_extensions.",
    "unittest.mock.",
];

/// Methods that do so, whatever they are methods of.
pub(super) const CALLING: &[&str] = &[
    "submit",
    "map",
    "imap",
    "apply",
    "apply_async",
    "map_async",
    "starmap",
    "call_soon",
    "call_later",
    "run_in_executor",
    "start_soon",
    "callback",
    "run_until_complete",
    "create_task",
    "push",
    "sub",
    "subn",
    "sort",
    "agg",
    "aggregate",
    "applymap",
    "transform",
    "pipe",
    "filter",
    "reduce",
    "foreach",
    "add_done_callback",
];

/// Functions that inspect their arguments and do nothing else.
const INSPECTORS: &[&str] = &[
    "builtins.isinstance",
    "builtins.issubclass",
    "builtins.hasattr",
    "builtins.callable",
    "builtins.print",
    "builtins.id",
    "builtins.len",
    "builtins.dir",
    "builtins.repr",
    "builtins.getattr",
    "builtins.setattr",
    "builtins.vars",
    "builtins.type",
    "inspect.signature",
    "inspect.isclass",
    "inspect.isfunction",
    "inspect.getsource",
    "inspect.getmodule",
    "inspect.getmembers",
    "typing.cast",
    "builtins.super",
    "functools.wraps",
    "functools.update_wrapper",
    // What is put into these comes out of them again.
    "builtins.dict",
    "builtins.frozenset",
    "builtins.list",
    "builtins.set",
    "builtins.tuple",
    "typing.get_args",
    "typing.get_origin",
    "dataclasses.field",
    "enum.Enum",
    "ctypes.sizeof",
    "ctypes.POINTER",
];

/// Libraries that keep what they are given: for tests that are run later, and for what reads annotations.
const KEEPERS: &[&str] = &["pytest.mark.", "pytest.param", "unittest.skip", "unittest.expectedFailure"];

impl Walker<'_, '_> {
    pub(super) fn calls_all(&mut self, args: &[Set], named: &Named) {
        for arg in args.iter().chain(named.iter().map(|(_, set)| set)) {
            for value in arg.significant().0 {
                match value {
                    Value::Func(id) => self.calls(id),
                    Value::Object(_) => self.used_for(&Set::of(value), Hooks::Call),
                    _ => {}
                }
            }
        }
    }

    /// A method that an object has of a library may call any other that it has; that of a function for gradients calls
    /// `forward`.
    pub(super) fn hands_itself(&mut self, base: &Set, name: &str) {
        if !self.recording {
            return;
        }
        for value in &base.0 {
            match value {
                Value::Object(class) => {
                    let own = self.inherits(*class, name);
                    if !own.0.is_empty() && !own.0.iter().any(|value| matches!(value, Value::Func(_))) {
                        self.uses(*class, Hooks::Any);
                    }
                }
                Value::Class(class) if name == "apply" => self.calls_methods(*class, &["forward"]),
                _ => {}
            }
        }
    }

    /// Somebody calls these methods of a class.
    pub(super) fn calls_methods(&mut self, class: u32, names: &[&str]) {
        for name in names {
            for method in self.inherits(class, name).0 {
                if let Value::Func(id) = method {
                    self.calls(id);
                }
            }
        }
    }

    /// What is done with arguments that the callee may call.
    pub(super) fn report_passed_arguments(&mut self, args: &[Set], named: &Named, callee: &str, at: &impl Ranged) {
        let is_seen = self.recording && !callee.is_empty();
        for arg in args.iter().chain(named.iter().map(|(_, set)| set)) {
            for value in arg.0.iter().filter(|_| is_seen) {
                if let Value::Object(class) = value {
                    // `print(file=…)`, `json.dump(…, file)`.
                    self.calls_methods(*class, &["write", "read", "close", "emit", "__fspath__"]);
                }
            }
        }
        if INSPECTORS.contains(&callee) || KEEPERS.iter().any(|head| callee.starts_with(head)) {
            return;
        }
        let is_mock = callee.starts_with("unittest.mock.");
        let calls = calls_given(callee);
        // What a partial function is to call is called when that is; what a test replaces is named first.
        let is_later = is_mock || callee.starts_with("functools.partial");
        let args = if is_later { args.get(1..).unwrap_or_default() } else { args };
        for arg in args.iter().chain(named.iter().map(|(_, set)| set)) {
            for value in arg.significant().0 {
                match value {
                    Value::Func(id) if calls => self.calls(id),
                    Value::Class(id) if calls => self.uses(id, Hooks::Any),
                    Value::Object(_) if calls => self.used_for(&Set::of(value.clone()), Hooks::Call),
                    Value::Path(path) => {
                        if let Some(capability) = python::capability(&path).filter(|_| !path.ends_with(')')) {
                            if capability != Capability::Environment {
                                self.act(at, capability, Certainty::Certain, &format!("{path}, passed as an argument"));
                            }
                        } else if python::leads_out(&path) {
                            self.act(
                                at,
                                Capability::DynamicCode,
                                Certainty::Certain,
                                &format!("the module {path}, passed as an argument"),
                            );
                        }
                    }
                    Value::Held(path) if !python::passes_on(callee) => {
                        let detail = format!("something out of {path}, passed as an argument");
                        self.act(at, Capability::DynamicCode, Certainty::Certain, &detail);
                    }
                    Value::Dict(path) if python::leads_out(&path) => {
                        self.act(
                            at,
                            Capability::DynamicCode,
                            Certainty::Certain,
                            &format!("all of {path}, passed as an argument"),
                        );
                    }
                    _ => {}
                }
            }
        }
    }
}

/// Whether `callee` calls the functions that it is given, there and then or soon after. Others keep them: a decorator,
/// a user interface, a registry.
pub(super) fn calls_given(callee: &str) -> bool {
    let is_later = LATER.iter().any(|head| callee.starts_with(head)) && callee != "functools.reduce";
    let first = callee.split('.').next().unwrap_or_default();
    !is_later && (CALLERS.contains(&first) || FUNCTIONS.contains(&callee) || python::calls_arguments(callee))
}
