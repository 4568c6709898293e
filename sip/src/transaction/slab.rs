//! A table whose places are reused and whose ids are not.

/// A place in a table, good until its value is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id {
    index: u32,
    generation: u32,
}

impl Id {
    /// The place.
    pub(crate) fn index(self) -> usize {
        self.index as usize
    }
}

#[derive(Debug)]
struct Place<T> {
    generation: u32,
    value: Option<T>,
}

#[derive(Debug)]
pub(crate) struct Slab<T> {
    places: Vec<Place<T>>,
    free: Vec<u32>,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self { places: Vec::new(), free: Vec::new() }
    }
}

impl<T> Slab<T> {
    pub(crate) fn insert(&mut self, value: T) -> Id {
        if let Some(index) = self.free.pop() {
            let place = &mut self.places[index as usize];
            place.value = Some(value);
            return Id { index, generation: place.generation };
        }
        let index =
            u32::try_from(self.places.len()).expect("fewer values than 2^32: they are limited");
        self.places.push(Place { generation: 0, value: Some(value) });
        Id { index, generation: 0 }
    }

    pub(crate) fn get(&self, id: Id) -> Option<&T> {
        let place = self.places.get(id.index as usize)?;
        place.value.as_ref().filter(|_| place.generation == id.generation)
    }

    pub(crate) fn get_mut(&mut self, id: Id) -> Option<&mut T> {
        let place = self.places.get_mut(id.index as usize)?;
        place.value.as_mut().filter(|_| place.generation == id.generation)
    }

    pub(crate) fn remove(&mut self, id: Id) -> Option<T> {
        self.get(id)?;
        let place = self.places.get_mut(id.index as usize)?;
        place.generation = place.generation.wrapping_add(1);
        self.free.push(id.index);
        place.value.take()
    }

    pub(crate) fn len(&self) -> usize {
        self.places.len() - self.free.len()
    }

    /// The ids in use, in the order of their places.
    pub(crate) fn ids(&self) -> impl Iterator<Item = Id> {
        self.places.iter().zip(0_u32..).filter_map(|(place, index)| {
            place.value.as_ref().map(|_| Id { index, generation: place.generation })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_does_not_outlive_its_value() {
        let mut slab = Slab::default();
        let first = slab.insert('a');
        assert_eq!(slab.remove(first), Some('a'));
        let second = slab.insert('b');
        assert_eq!(slab.get(first), None);
        assert_eq!(slab.remove(first), None);
        assert_eq!((slab.get(second), slab.len()), (Some(&'b'), 1));
        assert_eq!(slab.ids().collect::<Vec<_>>(), [second]);
    }
}
