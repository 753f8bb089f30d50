//! Archives and compressed streams, torch zips among them.

mod honest;
mod streams;
mod tar;
mod torch;
mod zip;

use super::Item;
use super::build::{Member, Zip, call, state_dict, torch_zip};

/// The items of the family.
#[must_use]
pub(super) fn items() -> Vec<Item> {
    [torch::items(), zip::items(), tar::items(), streams::items(), honest::items()].into_iter().flatten().collect()
}

/// A pickle that calls what none may.
fn bad() -> Vec<u8> {
    call("posix", "system", "true")
}

/// The pickle of two float tensors, of two and of six numbers.
fn two_tensors() -> Vec<u8> {
    state_dict(&[("bias", "0", &[2]), ("weight", "1", &[2, 3])])
}

/// Their bytes.
const STORAGES: &[(&str, &[u8])] = &[("0", &[0; 8]), ("1", &[1; 24])];

/// An honest torch archive.
fn weights() -> Zip {
    torch_zip(&two_tensors(), STORAGES)
}

/// A torch archive whose pickle is not honest.
fn bad_weights() -> Vec<u8> {
    torch_zip(&bad(), STORAGES).bytes()
}

/// The member of that name.
fn member<'z>(zip: &'z mut Zip, name: &str) -> &'z mut Member {
    let at = zip.members.iter().position(|member| member.name == name).unwrap_or_default();
    &mut zip.members[at]
}

/// A NumPy array of two small numbers.
fn npy() -> Vec<u8> {
    let mut header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }".to_vec();
    header.resize(117, b' ');
    header.push(b'\n');
    [b"\x93NUMPY\x01\0".as_slice(), &(header.len() as u16).to_le_bytes(), &header, &[0; 8]].concat()
}

/// A NumPy array of objects: its data is a pickle.
fn npy_objects(pickle: &[u8]) -> Vec<u8> {
    let mut header = b"{'descr': '|O', 'fortran_order': False, 'shape': (2,), }".to_vec();
    header.resize(117, b' ');
    header.push(b'\n');
    [b"\x93NUMPY\x01\0".as_slice(), &(header.len() as u16).to_le_bytes(), &header, pickle].concat()
}

/// A safetensors file of one tensor.
fn safetensors() -> Vec<u8> {
    let header = br#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}  "#;
    [(header.len() as u64).to_le_bytes().as_slice(), header, &[0; 8]].concat()
}
