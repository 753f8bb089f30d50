//! YAML as the values that rows are looked up in: maps, lists and scalars, as far down as any row leads.

use crate::documents::json::Json;
use crate::documents::yaml::Found;
use std::collections::BTreeMap;

/// How deep maps are read. The deepest key of a row is four levels down.
const DEPTH: usize = 8;

/// The key under which a map says what is built with it: `!new:speechbrain.…`.
pub(in crate::documents::config) const TAG: &str = "!new";

/// The documents of a file, or the only one.
pub(in crate::documents::config) fn tree(found: &Found) -> Json {
    let mut tree = Tree { found, pairs: BTreeMap::new(), items: BTreeMap::new(), built: BTreeMap::new() };
    for (at, pair) in found.pairs.iter().enumerate() {
        tree.pairs.entry(pair.parent).or_default().push(at);
    }
    for (at, item) in found.items.iter().enumerate() {
        tree.items.entry(item.parent).or_default().push(at);
    }
    for (tag, line) in &found.tags {
        if let Some(class) = tag.strip_prefix("!new:").or_else(|| tag.strip_prefix("!apply:")) {
            tree.built.insert(*line, class);
        }
    }
    tree.below(None, 0)
}

struct Tree<'f> {
    found: &'f Found,
    /// Pairs by the pair that they are below.
    pairs: BTreeMap<Option<usize>, Vec<usize>>,
    items: BTreeMap<Option<usize>, Vec<usize>>,
    /// Classes by the line that they are on, which is that of the key.
    built: BTreeMap<u32, &'f str>,
}

impl Tree<'_> {
    /// What is below the pair `parent`.
    fn below(&self, parent: Option<usize>, depth: usize) -> Json {
        let mut maps: BTreeMap<u32, Vec<(Box<str>, Json)>> = BTreeMap::new();
        for at in self.pairs.get(&parent).into_iter().flatten() {
            let Some(pair) = self.found.pairs.get(*at) else { continue };
            let value = match &pair.value {
                Some(text) => Json::Text(text.as_str().into()),
                None if depth < DEPTH => self.below(Some(*at), depth.saturating_add(1)),
                None => Json::Null,
            };
            maps.entry(pair.map).or_default().push((pair.key.trim().into(), value));
        }
        let items = self.items.get(&parent).into_iter().flatten().filter_map(|at| self.found.items.get(*at));
        let mut items: Vec<Json> = items.map(|item| Json::Text(item.text.as_str().into())).collect();
        let class = parent.and_then(|at| self.found.pairs.get(at)).and_then(|pair| self.built.get(&pair.line));
        if let (Some(class), Some(entry)) = (class, maps.first_entry()) {
            entry.into_mut().push((TAG.into(), Json::Text((*class).into())));
        }
        if items.is_empty() && maps.len() <= 1 {
            return maps.pop_first().map_or(Json::Null, |(_, entries)| Json::Object(entries));
        }
        items.extend(maps.into_values().map(Json::Object));
        Json::List(items)
    }
}
