//! Memory that a thread keeps, so that a call need not ask for it and clear it anew.

use std::cell::RefCell;
use std::thread::LocalKey;

/// Bytes above which memory is given back after the call: eight matrices of order 512 in double precision take half of it.
const KEPT: usize = 1 << 25;

/// Runs `work` on `len` numbers, which hold whatever the last call left there.
///
/// The memory is taken out for the time of the call: one that comes up within it, as a thread pool may start one, gets its
/// own.
pub(super) fn run<T: Copy + Default, R>(
    key: &'static LocalKey<RefCell<Vec<T>>>,
    len: usize,
    work: impl FnOnce(&mut [T]) -> R,
) -> R {
    // At the end of a thread there is none to be had.
    let mut storage = key.try_with(RefCell::take).unwrap_or_default();
    if storage.len() < len {
        storage = vec![T::default(); len];
    }
    let result = work(&mut storage[..len]);
    if storage.len() * size_of::<T>() <= KEPT {
        let _ = key.try_with(|kept| {
            if kept.borrow().len() < storage.len() {
                kept.replace(storage);
            }
        });
    }
    result
}
