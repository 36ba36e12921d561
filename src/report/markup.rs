//! Pages from templates: one environment, in which every text is neutralised and escaped by one formatter.

use super::text::{self, clip, line};
use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, Value};

/// Renders the template `name`; the others of `templates` may be included by it.
///
/// Charts and other fields that are markup already are passed on by `| safe`, and escape their own texts.
pub(super) fn page(
    templates: &[(&'static str, &'static str)],
    name: &str,
    context: Value,
) -> String {
    const OURS: &str = "templates name fields of their page only, which tests prove";
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build()
        .expect("the delimiters are the usual ones");
    environment.set_syntax(syntax);
    environment.set_formatter(|out, _, value| {
        if value.is_undefined() {
            return Err(Error::from(ErrorKind::UndefinedError));
        }
        let text = value.to_string();
        let text = if value.is_safe() {
            text
        } else {
            text::html(&text)
        };
        out.write_str(&text).map_err(Error::from)
    });
    for (name, template) in templates {
        environment.add_template(name, template).expect(OURS);
    }
    let template = environment.get_template(name).expect(OURS);
    template.render(context).expect(OURS)
}

/// Sentences with their backticks as code and their line breaks as spaces; everything else in them is text.
pub(super) fn prose(sentence: &str, most: usize) -> String {
    let words: Vec<&str> = sentence.split_ascii_whitespace().collect();
    let text = clip(&line(&words.join(" ")), most);
    let mut parts = text.split('`').peekable();
    let mut markup = String::new();
    let mut inside = false;
    while let Some(part) = parts.next() {
        let part_html = text::html(part);
        if !inside {
            markup.push_str(&part_html);
        } else if parts.peek().is_some() {
            markup.extend(["<code>", &part_html, "</code>"]);
        } else {
            markup.extend(["`", &part_html]);
        }
        inside = !inside;
    }
    markup
}
