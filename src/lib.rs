//! Reads the message logs of the Infobip OMNI API (`GET /omni/1/logs`).

pub mod sandbox;
