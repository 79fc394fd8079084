/* Letters and decisions: what an office of the commune writes. */
#include "tests/pages/paper.h"

#include <string.h>

#include "tests/pages/frame.h"

static void receivers_draw(struct paper *p, char out[1024], const char *first,
                           const char *more, int count)
{
    g_strlcpy(out, paper_say(p, first), 1024);
    for (int i = 0; i < count; i++) {
        g_strlcat(out, "\n", 1024);
        g_strlcat(out, paper_say(p, more), 1024);
    }
    g_strlcat(out, "\n", 1024);
    g_strlcat(out, paper_say(p, "{receiver_last}"), 1024);
}

/* "Kính gửi:" and one or several, each on a line of its own. */
static void addressee_set(struct paper *p, int count)
{
    char line[512];

    if (count == 1) {
        g_snprintf(line, sizeof line, "Kính gửi: %s.", paper_say(p, "{letter_to}"));
        frame_line(p, line, false, ALIGN_CENTRE);
    } else {
        frame_line(p, "Kính gửi:", false, ALIGN_CENTRE);
        for (int i = 0; i < count; i++) {
            g_snprintf(line, sizeof line, "- %s%s", paper_say(p, "{letter_to}"),
                       i == count - 1 ? "." : ";");
            frame_line(p, line, false, ALIGN_CENTRE);
        }
    }
    p->y += 4;
}

static void official_letter_set(struct paper *p)
{
    struct frame f = {.issuer = issuer_pick(p->random, false),
                      .kind = "",
                      .number = "{#2:1-2450}",
                      .subject = "{topic}"};
    char symbol[64], receivers[1024];

    g_snprintf(symbol, sizeof symbol, "%s-{office_code}", f.issuer->code);
    f.symbol = symbol;
    frame_head(p, &f);
    addressee_set(p, random_chance(p->random, 65) ? 1 : random_between(p->random, 2, 3));
    frame_paragraph(p, paper_say(p, "{letter_open}"), 0);
    frame_body(p, "{letter_body}", random_chance(p->random, 50) ? "" : "%d. ",
               p->wish.pages > 1 ? 400 : random_between(p->random, 3, 9));
    frame_paragraph(p, paper_say(p, "{letter_close}"), 0);
    receivers_draw(p, receivers, "{receiver_first}", "{receiver}",
                   random_between(p->random, 0, 3));
    frame_foot(p, &f, receivers);
}

/* Kinds with a name. `sections`: three headings with sentences below them. */
static const struct named {
    const char *abbreviation, *kind, *subject, *sentence;
    bool addressed, sections;
} named[] = {
    {"TB", "THÔNG BÁO", "Về việc {topic}", "{notice_sentence}", false, false},
    {"BC", "BÁO CÁO", "Kết quả {topic} năm {year}", "{report_sentence}", false, true},
    {"TTr", "TỜ TRÌNH", "Về việc {topic}", "{proposal_sentence}", true, false},
    {"KH", "KẾ HOẠCH", "Thực hiện công tác {topic} năm {year}", "{plan_sentence}", false,
     true},
    {"CTr", "CHƯƠNG TRÌNH", "Công tác {topic}", "{plan_sentence}", false, true},
    {"GM", "GIẤY MỜI", "Dự họp về {topic}", "{notice_sentence}", true, false},
    {"BB", "BIÊN BẢN", "Họp bàn về {topic}", "{minutes_sentence}", false, false},
};

static void sections_set(struct paper *p, const struct named *n)
{
    static const char *const headings[] = {"I. {section_i}", "II. {section_ii}",
                                           "III. {section_iii}"};
    bool one = p->wish.little && p->wish.pages == 1;

    for (int i = 0; i < (one ? 1 : 3); i++) {
        if (p->sheet_count >= p->wish.pages &&
            paper_room(p) < frame_foot_height(p) + 9 * p->size_pt)
            return;
        paper_say(p, headings[i]);
        frame_paragraph(p, paper_said(p), strlen(paper_said(p)));
        frame_body(p, i == 2 ? "{plan_sentence}" : n->sentence, i == 1 ? "%d. " : "- ",
                   p->wish.pages > 1 ? 14 * p->wish.pages
                                     : random_between(p->random, 2, 4));
    }
}

static void minutes_open(struct paper *p)
{
    frame_paragraph(
        p,
        paper_say(p, "Hôm nay, vào hồi {#7-9} giờ {#10-55} phút {some_date}, tại "
                     "hội trường {unit} {commune}, chúng tôi gồm có:"),
        0);
    frame_paragraph(p, paper_say(p, "1. Ông {man} - {officer}, chủ trì;"), 0);
    frame_paragraph(p, paper_say(p, "2. Bà {woman} - {office}, thư ký;"), 0);
    frame_paragraph(p, paper_say(p, "3. Ông {man} - đại diện {village}."), 0);
}

static const struct named *named_find(struct paper *p)
{
    size_t count = sizeof named / sizeof named[0];
    const struct named *n = &named[random_below(p->random, (uint32_t)count)];

    for (size_t i = 0; p->wish.variant != NULL && i < count; i++)
        if (strcmp(named[i].abbreviation, p->wish.variant) == 0)
            n = &named[i];
    return n;
}

static void named_letter_set(struct paper *p)
{
    const struct named *n = named_find(p);
    struct frame f = {.issuer = issuer_pick(p->random, false),
                      .kind = n->kind,
                      .number = "{#2:1-480}",
                      .subject = n->subject};
    char symbol[64], receivers[1024];

    g_snprintf(symbol, sizeof symbol, "%s-%s", n->abbreviation, f.issuer->code);
    f.symbol = symbol;
    frame_head(p, &f);
    if (n->addressed)
        addressee_set(p, 1);
    if (strcmp(n->abbreviation, "BB") == 0)
        minutes_open(p);
    else
        frame_paragraph(p, paper_say(p, "{letter_open}"), 0);
    if (n->sections)
        sections_set(p, n);
    else
        frame_body(p, n->sentence, "- ",
                   p->wish.pages > 1 ? 400 : random_between(p->random, 3, 8));
    frame_paragraph(p, paper_say(p, "{letter_close}"), 0);
    receivers_draw(p, receivers, "{receiver}", "{receiver}",
                   random_between(p->random, 1, 3));
    frame_foot(p, &f, receivers);
}

void letter_set(struct paper *p)
{
    bool official = random_chance(p->random, 40);

    if (p->wish.variant != NULL)
        official = strcmp(p->wish.variant, "CV") == 0;
    if (official)
        official_letter_set(p);
    else
        named_letter_set(p);
}

static void article_set(struct paper *p, int number, const char *template)
{
    char line[PHRASE_BYTES_MAX];
    int bold = g_snprintf(line, sizeof line, "Điều %d.", number);

    g_snprintf(line + bold, sizeof line - (size_t)bold, " %s", paper_say(p, template));
    frame_paragraph(p, line, (size_t)bold);
}

static int articles_set(struct paper *p)
{
    int most = p->wish.pages > 1 ? 60 : p->wish.little ? 1 : 4, number = 1;

    article_set(p, number++, "{article_first}");
    while (number - 1 <= most && !p->failed &&
           (p->sheet_count < p->wish.pages ||
            paper_room(p) - 9 * p->size_pt * p->gap > frame_foot_height(p)))
        article_set(p, number++, "{article}");
    return number;
}

void decision_set(struct paper *p)
{
    const struct issuer *issuer = issuer_pick(p->random, random_chance(p->random, 70));
    struct frame f = {
        .issuer = issuer, .kind = "QUYẾT ĐỊNH", .subject = "Về việc {topic}"};
    bool rule = random_chance(p->random, 25); /* normative: the year in its number */
    char symbol[64], receivers[1024], by[256];

    f.number = rule ? "{#2:1-60}/{year}" : "{#2:1-3400}";
    g_snprintf(symbol, sizeof symbol, "QĐ-%s", issuer->code);
    f.symbol = symbol;
    frame_head(p, &f);
    g_snprintf(by, sizeof by, "%s", paper_say(p, issuer->name));
    g_strdelimit(by, "|", ' ');
    if (!rule && issuer->authority != NULL) {
        char whole[256];

        g_snprintf(whole, sizeof whole, "%s %s", issuer->title, by);
        g_strlcpy(by, whole, sizeof by);
    }
    frame_heading(p, by, 4);
    frame_line(p, paper_say(p, "{ground_first}"), true, ALIGN_JUSTIFY);
    for (int i = p->wish.little ? 1 : random_between(p->random, 1, 2); i > 0; i--)
        frame_line(p, paper_say(p, "{ground}"), true, ALIGN_JUSTIFY);
    frame_line(p, paper_say(p, "{ground_last}"), true, ALIGN_JUSTIFY);
    frame_heading(p, "QUYẾT ĐỊNH:", 4);
    article_set(p, articles_set(p), "{article_last}");
    receivers_draw(p, receivers, "- Như Điều {#2-3};", "{receiver}",
                   random_between(p->random, 1, 3));
    frame_foot(p, &f, receivers);
}
