//! What `wit-bindgen` makes of `wit/channel.wit`.
//!
//! The imports and each export are generated apart, as worlds of their own with one set of
//! types. `wit-component` unites the worlds that a plugin really uses, so a component exports
//! the optional interfaces that its author chose and no other: the host finds a channel's
//! abilities by looking at its exports.
//!
//! Nothing here is meant to be named by a plugin: `channel!` names it.

#![allow(missing_docs, clippy::all, unused)]

pub mod imports {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "baepo:channel/host-imports",
        generate_unused_types: true,
        additional_derives: [PartialEq, Eq],
    });
}

pub mod channel {
    wit_bindgen::generate!({
        path: "../../wit",
        inline: "
            package baepo:sdk;
            world exports-channel { export baepo:channel/channel@1.0.0; }
        ",
        world: "baepo:sdk/exports-channel",
        with: { "baepo:channel/types@1.0.0": crate::bindings::imports::baepo::channel::types },
        additional_derives: [PartialEq, Eq],
        pub_export_macro: true,
        export_macro_name: "export_channel",
    });
}

pub mod preview {
    wit_bindgen::generate!({
        path: "../../wit",
        inline: "
            package baepo:sdk;
            world exports-preview { export baepo:channel/preview@1.0.0; }
        ",
        world: "baepo:sdk/exports-preview",
        with: { "baepo:channel/types@1.0.0": crate::bindings::imports::baepo::channel::types },
        pub_export_macro: true,
        export_macro_name: "export_preview",
    });
}

pub mod probe {
    wit_bindgen::generate!({
        path: "../../wit",
        inline: "
            package baepo:sdk;
            world exports-probe { export baepo:channel/probe@1.0.0; }
        ",
        world: "baepo:sdk/exports-probe",
        with: { "baepo:channel/types@1.0.0": crate::bindings::imports::baepo::channel::types },
        pub_export_macro: true,
        export_macro_name: "export_probe",
    });
}

pub mod withdraw {
    wit_bindgen::generate!({
        path: "../../wit",
        inline: "
            package baepo:sdk;
            world exports-withdraw { export baepo:channel/withdraw@1.0.0; }
        ",
        world: "baepo:sdk/exports-withdraw",
        with: { "baepo:channel/types@1.0.0": crate::bindings::imports::baepo::channel::types },
        pub_export_macro: true,
        export_macro_name: "export_withdraw",
    });
}
