//! Rows as structs with a field per column.

/// Declares a struct that is read from the columns named like its fields, in every SQL database.
///
/// sqlx derives the same (`FromRow`), but the crate with the derive has the clients of all databases as
/// dependencies and takes a minute of a first build.
macro_rules! row {
    (
        $(#[$of_struct:meta])*
        $visibility:vis struct $row:ident {
            $($(#[$of_field:meta])* $field_visibility:vis $field:ident: $column:ty,)*
        }
    ) => {
        $(#[$of_struct])*
        $visibility struct $row {
            $($(#[$of_field])* $field_visibility $field: $column,)*
        }

        impl<'r, R: sqlx::Row> sqlx::FromRow<'r, R> for $row
        where
            &'static str: sqlx::ColumnIndex<R>,
            $($column: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,)*
        {
            fn from_row(row: &'r R) -> Result<Self, sqlx::Error> {
                Ok(Self {
                    $($field: row.try_get(stringify!($field))?,)*
                })
            }
        }
    };
}

pub(crate) use row;
