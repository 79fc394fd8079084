# A day of an office (tram-days) as SQL for a database of two plain tables; a value that
# is the same already is not written again.
def quoted: "'" + gsub("'"; "''") + "'";
def fields: ["number", "symbol", "date", "place", "kind", "issuer", "parent", "title",
             "subject", "authority", "signer", "sheets"];
def paper:
    .key as $key | .fields as $f |
    "INSERT INTO paper VALUES (\($key), \([fields[] | $f[.] | quoted] | join(", ")))" +
    " ON CONFLICT DO UPDATE SET \([fields[] | "\(.) = excluded.\(.)"] | join(", "));";
def page($key; $ordinal):
    "INSERT INTO page VALUES (\($key), \($ordinal), \(.text | quoted))" +
    " ON CONFLICT DO UPDATE SET text = excluded.text WHERE text <> excluded.text;";

"CREATE TABLE IF NOT EXISTS paper (key INTEGER PRIMARY KEY, \(fields | join(", ")));",
"CREATE TABLE IF NOT EXISTS page (paper, ordinal, text, PRIMARY KEY (paper, ordinal));",
"BEGIN;",
(inputs | .key as $key |
 if .delete then "DELETE FROM page WHERE paper = \($key); DELETE FROM paper WHERE key = \($key);"
 else
    (if .fields then paper else empty end),
    ((.pages // []) | to_entries[] | .key as $ordinal | .value | page($key; $ordinal))
 end),
"COMMIT;"
