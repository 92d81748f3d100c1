//! What the types alone do not say: the exact range of numbers, the form of channels' ids, and that a
//! body that may be left out may not be `null`.

use utoipa::Number;
use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::schema::{AdditionalProperties, ArrayItems, SchemaType, Type};
use utoipa::openapi::{KnownFormat, Object, RefOr, Schema, SchemaFormat};

/// As `ChannelId` reads it.
const CHANNEL: &str = "^[a-z][a-z0-9-]{0,62}$";

/// The parameters and the body of an operation.
pub(super) fn complete_operation(operation: &mut Operation) {
    for parameter in operation.parameters.iter_mut().flatten() {
        let RefOr::T(parameter) = parameter else {
            continue;
        };
        let in_path = parameter.parameter_in == ParameterIn::Path;
        let names_a_channel = in_path && matches!(parameter.name.as_str(), "id" | "channel");
        let Some(schema) = &mut parameter.schema else {
            continue;
        };
        complete(schema);
        if names_a_channel {
            channel(schema);
        }
    }
    let Some(RefOr::T(body)) = &mut operation.request_body else {
        return;
    };
    for content in body.content.values_mut() {
        if let RefOr::T(content) = content
            && let Some(schema) = &mut content.schema
        {
            without_null(schema);
            complete(schema);
        }
    }
}

/// A schema with everything in it.
pub(super) fn complete(schema: &mut RefOr<Schema>) {
    let RefOr::T(schema) = schema else {
        return;
    };
    match schema {
        Schema::Object(object) => {
            without_additional_properties(object);
            for (name, property) in &mut object.properties {
                complete(property);
                if name == "channels" {
                    channels(property);
                }
            }
            if let Some(AdditionalProperties::RefOr(values)) =
                object.additional_properties.as_deref_mut()
            {
                complete(values);
            }
        }
        Schema::Array(array) => {
            if let ArrayItems::RefOrSchema(items) = &mut array.items {
                complete(items);
            }
        }
        Schema::OneOf(choice) => choice.items.iter_mut().for_each(complete),
        Schema::AllOf(choice) => choice.items.iter_mut().for_each(complete),
        Schema::AnyOf(choice) => choice.items.iter_mut().for_each(complete),
        // The enum is open.
        _ => {}
    }
}

/// OpenAPI has no formats for unsigned integers, and theirs is taken for a range.
fn without_additional_properties(object: &mut Object) {
    let most = match (&object.format, &object.minimum) {
        (Some(SchemaFormat::KnownFormat(KnownFormat::Int32)), Some(_)) => u32::MAX as usize,
        (Some(SchemaFormat::KnownFormat(KnownFormat::Int64)), Some(_)) => usize::MAX,
        _ => return,
    };
    object.format = None;
    object.maximum.get_or_insert(Number::UInt(most));
}

fn channels(schema: &mut RefOr<Schema>) {
    if let RefOr::T(Schema::Array(array)) = schema
        && let ArrayItems::RefOrSchema(items) = &mut array.items
    {
        channel(items);
    }
}

fn channel(schema: &mut RefOr<Schema>) {
    if let RefOr::T(Schema::Object(object)) = schema
        && object.schema_type == SchemaType::Type(Type::String)
        && object.format.is_none()
    {
        object.pattern = Some(CHANNEL.to_owned());
    }
}

/// A body that may be left out is described as one that may be null.
fn without_null(schema: &mut RefOr<Schema>) {
    let RefOr::T(Schema::OneOf(choice)) = schema else {
        return;
    };
    choice.items.retain(|item| !is_null(item));
    if choice.items.len() == 1
        && let Some(only) = choice.items.pop()
    {
        *schema = only;
    }
}

fn is_null(schema: &RefOr<Schema>) -> bool {
    match schema {
        RefOr::T(Schema::Object(object)) => object.schema_type == SchemaType::Type(Type::Null),
        _ => false,
    }
}
