# A day of an office (tram-days) as a commit for `git fast-import`: a file of each paper's
# fields, and one of each page.
def data: "data \(utf8bytelength)\n\(.)";
def file($path): "M 100644 inline \($path)\n\(. + "\n" | data)";

"commit refs/heads/main",
"committer Office <office@example.org> \(1700000000 + 86400 * $day) +0700",
("day \($day)" | data),
(if $day > 1 then "from refs/heads/main^0" else empty end),
(inputs | "paper/\(.key)" as $paper |
 if .delete then "D \($paper)"
 else
    (if .fields then .fields | to_entries | map("\(.key): \(.value)") | join("\n") |
                     file("\($paper)/fields")
     else empty end),
    ((.pages // []) | to_entries[] | .key as $n | .value.text | file("\($paper)/page-\($n)"))
 end)
