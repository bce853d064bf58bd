//! The integration tests, one binary; each module is one boundary of the product.

mod codec_properties;
mod codec_server;
mod codecs;
mod server_codec;
