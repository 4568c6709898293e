//! Tables from one small number to another.

/// Puts a value at a place of a table that grows with its places.
pub(crate) fn put(table: &mut Vec<u32>, place: usize, value: u32) {
    if table.len() <= place {
        table.resize(place + 1, u32::MAX);
    }
    table[place] = value;
}
