//! Rules about chat templates, wherever they hide.

crate::rule::family! {
    "template", content;

    /// The template reaches for attributes that lead from any value to all of Python: names with leading underscores
    /// (`__class__`, `__globals__`), also when they are put together from parts, looked up with `attr`, or named in
    /// a text that is formatted; or for objects that web frameworks and Jinja2 itself leave lying around (`cycler`,
    /// `lipsum`, `self`, `request`).
    ///
    /// Transformers renders templates in a sandbox. Other programs did not, and the sandbox has had holes, several
    /// of them through `str.format`. An honest template handles messages, roles and tools; it has no use for any of
    /// this. Do not load the model; tell the publisher.
    TEMPLATE_ESCAPE = "template-escape" Dangerous RunsCode, "the template reaches for Python's internals",
        because "a renderer without a sandbox runs what it reaches",
        see "CVE-2024-34359, CVE-2019-10906, CVE-2024-56326";

    /// The template includes, imports or extends another one. Chat templates stand by themselves: there is nothing
    /// beside them to load, and what a renderer finds under that name was not scanned. Put what is needed into the
    /// template.
    TEMPLATE_LOAD = "template-load" Dangerous RunsCode, "the template loads other templates",
        because "what it loads is chosen while it renders",
        see "https://jinja.palletsprojects.com/en/stable/templates/#include";

    /// The template calls a function, method, filter or test that chat templates do not need, or looks something up
    /// by a name that it puts together. It may be an extension of one renderer; it may be a way out of another.
    ///
    /// Honest templates get by with `raise_exception`, `strftime_now`, `namespace`, `range`, `dict`, macros of their
    /// own, Jinja2's filters and tests, and the methods of strings and dictionaries that change nothing. Look at the
    /// expression, and at what the renderer you use makes of it.
    TEMPLATE_CALL = "template-call" Review Advice, "the template calls or looks up something unusual",
        because "what it does depends on the renderer",
        see "https://huggingface.co/docs/transformers/chat_templating_writing";

    /// The template loops over huge ranges, repeats texts thousands of times, or has loops or macros within each
    /// other that multiply. Rendering one message then takes all the time or memory there is.
    ///
    /// Honest loops go over messages, tools and their parts. Look for the number that the evidence shows.
    TEMPLATE_LOOP = "template-loop" Review Advice, "the template makes its renderer do very much",
        because "rendering one message can take all the time and memory there is",
        see "https://jinja.palletsprojects.com/en/stable/sandbox/";

    /// A part of the template shows up only when a message contains a certain word (or on a certain day), and that
    /// part holds a link, a turn of the conversation, or a sentence: instructions to the model that no test of it
    /// meets unless somebody says the word.
    ///
    /// No program can tell what such text is for. Honest templates do ask for tags in messages (`</think>`) and put
    /// out tokens; they seldom ask for words. Read the condition and the text.
    TEMPLATE_CONDITIONAL_TEXT = "template-conditional-text" Review Advice, "text appears only when a message contains something",
        because "instructions to the model can hide behind a condition",
        see "Pillar Security, 2025: poisoned GGUF templates";

    /// The template cannot be parsed as Jinja2 parses it: a tag without an end, an unknown tag, a broken string, or
    /// nesting that nobody writes by hand. Some other renderer may take it. What cannot be parsed was not scanned.
    ///
    /// Templates in another language, such as those of Ollama, are reported as well.
    TEMPLATE_UNPARSABLE = "template-unparsable" Review NotScanned, "the template cannot be parsed",
        because "what cannot be parsed was not scanned",
        see "https://jinja.palletsprojects.com/en/stable/templates/";
}
