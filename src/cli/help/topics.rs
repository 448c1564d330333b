//! Topics that concern every command: exit status, environment, time, connection.

use super::layout::HelpPage;

/// The topic that also shows the options of the connection.
pub(super) const CONNECTION: &str = "connection";

/// A topic of `omnilogs help`.
#[derive(Debug)]
pub(crate) struct Topic {
    pub(crate) name: &'static str,
    /// What the topic is about, in a sentence or two.
    pub(crate) about: &'static str,
    pub(crate) sections: &'static [Section],
}

/// A part of a topic: a heading, rows of a term and its meaning, and paragraphs after them.
#[derive(Debug)]
pub(crate) struct Section {
    pub(crate) heading: &'static str,
    pub(crate) rows: &'static [(&'static str, &'static str)],
    pub(crate) text: &'static str,
}

/// Every topic.
pub(crate) const TOPICS: &[Topic] = &[EXIT_CODES, ENVIRONMENT, TIME, CONNECTION_TOPIC];

pub(super) const EXIT_CODES: Topic = Topic {
    name: "exit-codes",
    about: "The exit status of omnilogs says how a run ended.",
    sections: &[Section {
        heading: "Exit status",
        rows: &[
            ("0", "the complete result was written (an empty one too)"),
            ("1", "local input or output failed, or anything unforeseen"),
            ("2", "usage or configuration error; nothing was sent"),
            ("3", "incomplete: some rows are missing, and standard error says which"),
            ("4", "credentials missing or refused (HTTP 401, 403)"),
            ("5", "the server failed (HTTP 5xx) after retries"),
            ("6", "not reached or cut off: name lookup, connection, TLS, timeout, truncated body"),
            (
                "7",
                "throttled (HTTP 429) beyond --max-wait; the message says how many seconds to wait",
            ),
            ("8", "response not understood, too large, or a redirect"),
            ("9", "query refused (other HTTP 4xx)"),
            (
                "10",
                "a requested condition was not met: stats --fail-if, --fail-on-match, --fail-on-empty, wait \
                 with an undelivered message, show with an id that no message or several have",
            ),
            ("11", "the archive cannot be used: it is damaged or in use, for example"),
            ("130", "interrupted by Ctrl-C: the program cleans up and ends by the signal itself"),
            ("143", "ended by SIGTERM in the same way (129 by SIGHUP, 131 by SIGQUIT)"),
        ],
        text: "With -o json or jsonl, the last line of standard error of a failed run is \
               {\"error\":{\"code\":7,\"kind\":\"throttled\",\"message\":\"…\",\"retryAfterSeconds\":42}}.",
    }],
};

const ENVIRONMENT: Topic = Topic {
    name: "environment",
    about: "These environment variables are read. An option takes precedence over a variable, and \
            a variable over the configuration file.",
    sections: &[
        Section {
            heading: "Credentials and connection",
            rows: &[
                ("OMNILOGS_API_KEY", "API key; else INFOBIP_API_KEY, IB_API_KEY"),
                ("OMNILOGS_API_KEY_FILE", "file that holds an API key; else INFOBIP_API_KEY_FILE"),
                (
                    "OMNILOGS_USERNAME, OMNILOGS_PASSWORD",
                    "user name and password, if no key is set; else INFOBIP_USERNAME, INFOBIP_PASSWORD",
                ),
                (
                    "OMNILOGS_BASE_URL",
                    "base URL of the account; else INFOBIP_BASE_URL, IB_BASE_URL",
                ),
                ("OMNILOGS_PROFILE", "profile in the configuration file"),
                ("OMNILOGS_CONFIG", "configuration file"),
                ("OMNILOGS_ARCHIVE", "file or address of the archive, unless --archive is given"),
                (
                    "PGPASSWORD, PGPASSFILE",
                    "password for an archive on a PostgreSQL server, or its file",
                ),
                ("HTTPS_PROXY, ALL_PROXY, NO_PROXY", "proxies for https"),
                ("SSL_CERT_FILE, SSL_CERT_DIR", "certificate authorities instead of the system's"),
            ],
            text: "",
        },
        Section {
            heading: "Output",
            rows: &[
                ("NO_COLOR, CLICOLOR, CLICOLOR_FORCE, TERM", "whether to use colour"),
                (
                    "OMNILOGS_PAGER, PAGER",
                    "pager for what is longer than the screen; empty or cat for none",
                ),
                ("VISUAL, EDITOR", "editor of config edit"),
                ("COLUMNS", "width of the output"),
                ("TZ", "local time zone, unless --timezone is given"),
            ],
            text: "",
        },
    ],
};

const TIME: Topic = Topic {
    name: "time",
    about: "Times of --since and --until, and how times are shown.",
    sections: &[
        Section {
            heading: "Forms of a time",
            rows: &[
                ("90s, 15m, 2h, 1h30m, 1d, 2w", "back from now"),
                ("now, today, yesterday", "today and yesterday mean the start of that day"),
                ("14:00", "a time of today"),
                ("2026-11-22", "the start of that day"),
                ("'2026-11-22 10:00:05.123'", "seconds and milliseconds may be left out"),
                ("2026-11-22T10:00:05Z", "RFC 3339, with any UTC offset"),
                ("2026-11-22T10:00:05.000+0100", "as the API writes it"),
            ],
            text: "A time without a UTC offset is in the time zone of --timezone, else in the local \
                   one. A time that a clock change skips or repeats is refused, and the message \
                   shows both possible times.",
        },
        Section {
            heading: "Time zone",
            rows: &[
                ("-z, --timezone Europe/Zagreb", "a name of the IANA database"),
                ("-z +02:00", "a UTC offset"),
                ("--utc", "UTC"),
            ],
            text: "Tables, sentences, md and xlsx show times in this zone. json, jsonl, csv, tsv and \
                   xml keep the text that the API sent. The API keeps messages for 48 hours.",
        },
        Section {
            heading: "Durations",
            rows: &[(
                "500ms, 90s, 15m, 2h, 1h30m, 1d, 2w",
                "for --interval, --timeout, --max-wait and others",
            )],
            text: "",
        },
    ],
};

const CONNECTION_TOPIC: Topic = Topic {
    name: CONNECTION,
    about: "Where requests go, and with which credentials.",
    sections: &[
        Section {
            heading: "Credentials, highest precedence first",
            rows: &[
                ("--api-key-file FILE", "an API key in a file; - is standard input"),
                (
                    "OMNILOGS_API_KEY",
                    "the environment, or OMNILOGS_API_KEY_FILE, or OMNILOGS_USERNAME with OMNILOGS_PASSWORD",
                ),
                (
                    "INFOBIP_API_KEY, IB_API_KEY",
                    "the vendor's own variables, or INFOBIP_API_KEY_FILE, or INFOBIP_USERNAME with \
                     INFOBIP_PASSWORD",
                ),
                (
                    "the profile in config.toml",
                    "api_key, username and password, token (Bearer), ibsso_token, or credential_command",
                ),
            ],
            text: "No option takes a secret as its value. A stored credential is sent only to the host \
                   of its own profile.",
        },
        Section {
            heading: "Base URL, highest precedence first",
            rows: &[
                (
                    "--base-url URL",
                    "such as xxxxx.api.infobip.com, which the portal shows for each account",
                ),
                ("OMNILOGS_BASE_URL", "the environment; then INFOBIP_BASE_URL, IB_BASE_URL"),
                ("base_url in config.toml", "of the profile"),
                ("https://api.infobip.com", "the default"),
            ],
            text: "Plain HTTP is refused except to loopback. Redirects are never followed. Proxies come \
                   from HTTPS_PROXY, ALL_PROXY and NO_PROXY.",
        },
        Section {
            heading: "Steps that help",
            rows: &[
                ("omnilogs doctor", "checks the set-up step by step"),
                ("omnilogs config show", "every setting and where it comes from"),
                ("omnilogs --dry-run", "prints the request as a curl command and sends nothing"),
                ("omnilogs -v", "shows requests and responses with secrets masked"),
            ],
            text: "",
        },
    ],
};

/// Writes the sections of a topic.
pub(super) fn write(topic: &Topic, page: &mut HelpPage) {
    for section in topic.sections {
        page.heading(section.heading);
        page.table(section.rows.iter().copied());
        if !section.text.is_empty() {
            page.paragraph(section.text);
        }
    }
}
