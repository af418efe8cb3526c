//! Meta's WhatsApp Cloud API: wire types, signature, client, error catalogue.
