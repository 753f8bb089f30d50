//! What templates are for.

/// What a template is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// It makes the text that a model is given.
    Chat,
    /// It makes a page of a web application, which has parts in other files, and objects of its framework.
    Page,
    /// It is any text with the marks of Jinja: what no template of any kind has is reported, and no more.
    Other,
}
