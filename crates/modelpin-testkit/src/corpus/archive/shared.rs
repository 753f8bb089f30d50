//! What several archives are made of.

use crate::corpus::build::{Member, Zip, call, state_dict, torch_zip};

/// A pickle that calls what none may.
pub(super) fn bad() -> Vec<u8> {
    call("posix", "system", "true")
}

/// The pickle of two float tensors, of two and of six numbers.
pub(super) fn two_tensors() -> Vec<u8> {
    state_dict(&[("bias", "0", &[2]), ("weight", "1", &[2, 3])])
}

/// Their bytes.
pub(super) const STORAGES: &[(&str, &[u8])] = &[("0", &[0; 8]), ("1", &[1; 24])];

/// An honest torch archive.
pub(super) fn weights() -> Zip {
    torch_zip(&two_tensors(), STORAGES)
}

/// A torch archive whose pickle is not honest.
pub(super) fn bad_weights() -> Vec<u8> {
    torch_zip(&bad(), STORAGES).bytes()
}

/// The member of that name.
pub(super) fn member<'z>(zip: &'z mut Zip, name: &str) -> &'z mut Member {
    let at = zip.members.iter().position(|member| member.name == name).unwrap_or_default();
    &mut zip.members[at]
}

/// A NumPy array of two small numbers.
pub(super) fn npy() -> Vec<u8> {
    let mut header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }".to_vec();
    header.resize(117, b' ');
    header.push(b'\n');
    [b"\x93NUMPY\x01\0".as_slice(), &(header.len() as u16).to_le_bytes(), &header, &[0; 8]].concat()
}

/// A NumPy array of objects: its data is a pickle.
pub(super) fn npy_objects(pickle: &[u8]) -> Vec<u8> {
    let mut header = b"{'descr': '|O', 'fortran_order': False, 'shape': (2,), }".to_vec();
    header.resize(117, b' ');
    header.push(b'\n');
    [b"\x93NUMPY\x01\0".as_slice(), &(header.len() as u16).to_le_bytes(), &header, pickle].concat()
}

/// A safetensors file of one tensor.
pub(super) fn safetensors() -> Vec<u8> {
    let header = br#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}  "#;
    [(header.len() as u64).to_le_bytes().as_slice(), header, &[0; 8]].concat()
}
