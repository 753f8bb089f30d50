//! Rules about chat templates, wherever they hide.

super::family! {
    /// The template reaches for attributes that lead from any value to all of Python: leading underscores,
    /// dunders, `attr` with a computed name, globals of web frameworks.
    TEMPLATE_ESCAPE = "template-escape" Dangerous, "the template reaches for Python's internals",
        because "a renderer without a sandbox runs what it reaches", see "CVE-2024-34359";

    /// The template includes, imports or extends other templates.
    TEMPLATE_LOAD = "template-load" Dangerous, "the template loads other templates",
        because "what it loads is chosen while it renders", see "";

    /// The template calls a function, filter or method, or uses a name, that chat templates do not need.
    TEMPLATE_CALL = "template-call" Review, "the template calls something unusual",
        because "what it does depends on the renderer", see "";

    /// The template loops over huge ranges.
    TEMPLATE_LOOP = "template-loop" Review, "the template loops without end",
        because "rendering one message can take all the time and memory there is", see "";

    /// A part of the template that depends on what was said holds a URL or switches roles: instructions that show
    /// up only now and then.
    TEMPLATE_HIDDEN = "template-conditional-text" Review, "text appears only when a message contains something",
        because "instructions to the model can hide behind a condition", see "Pillar Security, 2025: poisoned GGUF templates";

    /// The template cannot be parsed.
    TEMPLATE_BROKEN = "template-unparsable" Review, "the template cannot be parsed",
        because "what cannot be parsed was not judged", see "";
}
