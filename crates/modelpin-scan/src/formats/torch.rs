//! What the containers of torch have in common: the storages that a pickle refers to.

use crate::engine::source::ByteRange;
use crate::engine::{Scan, ScanError};
use crate::formats::pickle;
use std::collections::BTreeMap;

/// The storages that the tensors of a pickle are in: by key, with the bytes that the pickle says each has.
pub(crate) type Storages = BTreeMap<String, u64>;

/// Follows the object pickle (`data.pkl`) of a torch archive, and says which storages it refers to.
pub(crate) fn object(part: &ByteRange<'_>, scan: &mut Scan<'_>) -> Result<Storages, ScanError> {
    pickle::torch_object(part, scan)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Limits;
    use modelpin_testkit::corpus::build::{call, state_dict};

    /// What `object` says about the bytes, and whether anything was found.
    fn object_of(bytes: &[u8]) -> (Result<Storages, ScanError>, bool) {
        let limits = Limits::default();
        let mut scan = Scan::new(&limits);
        let storages = object(&ByteRange::whole(bytes), &mut scan);
        (storages, scan.finding_count() > 0)
    }

    #[test]
    fn a_state_dict_names_its_storages() {
        let bytes = state_dict(&[("w", "0", &[2, 3]), ("b", "1", &[3])]);
        let expected = Storages::from([("0".to_owned(), 24), ("1".to_owned(), 12)]);
        assert_eq!(object_of(&bytes), (Ok(expected), false));
    }

    #[test]
    fn calls_are_reported_and_truncation_is_an_error() {
        assert_eq!(object_of(&call("os", "system", "id")), (Ok(Storages::new()), true));
        assert!(matches!(object_of(b"\x80\x02}"), (Err(ScanError::Malformed(..)), _)));
    }

    #[test]
    fn bytes_after_the_pickle_are_reported() {
        let bytes = [&b"\x80\x02}."[..], &call("os", "system", "id")].concat();
        assert_eq!(object_of(&bytes), (Ok(Storages::new()), true));
    }
}
