//! Dtypes of NumPy: the state that a pickle sets on one, and the geometry of its fields, which NumPy does not check.

use super::machine::Machine;
use super::value::{Id, Kind, Value};
use crate::formats::item::ItemType;
use modelpin_rules::pickle as rules;

/// A field of a dtype: where it is in an item.
struct Field {
    /// The value that is its dtype; a field that has a title is there twice.
    dtype: Id,
    object: bool,
    begin: u64,
    end: u64,
}

impl Machine<'_> {
    /// `(version, order, subtype, names, fields, item size, alignment, flags[, metadata])` (`descriptor.c`,
    /// `arraydescr_setstate`).
    pub(super) fn dtype_state(&mut self, target: Id, state: Id, before: ItemType) {
        let Some(parts) = self.tuple(state) else { return self.report_write_target(target, "the state is set") };
        let fits = (5..=9).contains(&parts.len()) && parts.iter().all(|part| self.is_data(*part));
        if !fits {
            return self.report_write_target(target, "the state is set");
        }
        let number = |place: usize| parts.get(place).and_then(|part| self.int(*part));
        let (stated, flags) = (number(5), number(7));
        // The size of a number is what its code says, whatever the state has.
        let size = match stated.map(u64::try_from) {
            Some(Ok(size)) if before.flexible => Some(size),
            Some(Err(_)) if before.flexible => {
                self.report(&rules::TENSOR_GEOMETRY, "the items of a dtype have a negative size");
                before.size
            }
            _ => before.size,
        };
        let of_fields = self.fields(&parts, size);
        // NPY_ITEM_HASOBJECT is the lowest flag. Without it NumPy takes raw bytes for addresses of objects.
        let object = before.object || of_fields;
        let is_said = flags.is_some_and(|flags| flags & 1 != 0);
        if object && flags.is_some() && !is_said {
            self.report_write_target(target, "flags that hide Python objects are set on a dtype: the state is set");
        }
        self.set(target, Value::Object(Kind::Dtype(ItemType { size, object: object || is_said, ..before })));
    }

    /// Compares the fields of a dtype, or what it is an array of, with the size of its items, and with each other. Says
    /// whether there are objects in it.
    fn fields(&mut self, parts: &[Id], size: Option<u64>) -> bool {
        let (mut fields, mut outside) = (Vec::new(), Vec::new());
        if let Some(base) = parts.get(2).and_then(|part| self.tuple(*part)) {
            match self.array_of(&base) {
                Some(field) => fields.push(field),
                None => outside.push("the shape of a dtype overflows".to_owned()),
            }
        }
        if let Some(Value::Dict { items, .. }) = parts.get(4).map(|fields| self.get(*fields)) {
            for (name, field) in items {
                let found = self.tuple(*field).and_then(|field| self.field(&field));
                match found {
                    Some(field) => fields.push(field),
                    None => outside.push(format!("field `{}` of a dtype has no place", self.str(*name).unwrap_or("?"))),
                }
            }
        }
        if let Some(size) = size {
            let beyond = fields.iter().filter(|field| field.end > size);
            outside.extend(beyond.map(|field| {
                format!("a field of a dtype is at {} to {} of an item of {size} bytes", field.begin, field.end)
            }));
        }
        outside.extend(overlap(&mut fields));
        for what in outside {
            self.report(&rules::TENSOR_GEOMETRY, what);
        }
        fields.iter().any(|field| field.object)
    }

    /// `(dtype, offset[, title])`.
    fn field(&self, parts: &[Id]) -> Option<Field> {
        let [dtype, offset] = *parts.get(..2)? else { return None };
        let Value::Object(Kind::Dtype(of)) = self.get(dtype) else { return None };
        let begin = u64::try_from(self.int(offset)?).ok()?;
        Some(Field { dtype, object: of.object, begin, end: begin.checked_add(of.size.unwrap_or(0))? })
    }

    /// `(dtype, shape)`: an array in each item.
    fn array_of(&self, parts: &[Id]) -> Option<Field> {
        let [dtype, shape] = *parts else { return None };
        let Value::Object(Kind::Dtype(of)) = self.get(dtype) else { return None };
        let sides = self.ints(shape).or_else(|| Some(vec![self.int(shape)?]))?;
        let count = sides.iter().try_fold(1_u64, |count, side| count.checked_mul(u64::try_from(*side).ok()?))?;
        Some(Field { dtype, object: of.object, begin: 0, end: of.size.unwrap_or(0).checked_mul(count)? })
    }
}

/// Whether bytes of another field are those of an object: they would be its address.
fn overlap(fields: &mut [Field]) -> Option<String> {
    fields.sort_by_key(|field| (field.begin, field.dtype));
    let (mut end, mut object_end) = (0_u64, 0_u64);
    let mut last: Option<&Field> = None;
    for field in fields.iter() {
        let is_again = last.is_some_and(|last| last.dtype == field.dtype && last.begin == field.begin);
        if !is_again && field.end > field.begin && field.begin < (if field.object { end } else { object_end }) {
            return Some(format!("a field of a dtype at {} overlaps objects", field.begin));
        }
        end = end.max(field.end);
        if field.object {
            object_end = object_end.max(field.end);
        }
        last = Some(field);
    }
    None
}
