#include "tests/pages/frame.h"

#include <string.h>

#define LEFT_SHARE     0.41 /* of the head's width, for the issuer */
#define HEAD_GAP_PT    7
#define BODY_INDENT_PT (10 * 72 / 25.4)
#define SIGN_SPACE_PT  62
#define STAMP_HIGH_PT  23  /* 8 mm */
#define SEAL_RADIUS_PT 51  /* 36 mm across */
#define CLOSE_LINES    3.5 /* of the paragraph that ends a letter */
#define LITTLE_MAX     3   /* paragraphs of a little paper */

static const struct issuer issuers[] = {
    {NULL, "ỦY BAN NHÂN DÂN|{^^unit} {^^commune}", "UBND", "{commune}",
     "TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH",
     "ỦY BAN NHÂN DÂN {^^unit}|{^^commune}"},
    {"ỦY BAN NHÂN DÂN {^^unit} {^^commune}", "PHÒNG VĂN HÓA - XÃ HỘI", "VHXH",
     "{commune}", NULL, "TRƯỞNG PHÒNG", "KT. TRƯỞNG PHÒNG", "PHÓ TRƯỞNG PHÒNG",
     "PHÒNG VĂN HÓA - XÃ HỘI|{^^commune}"},
    {"UBND {^^unit} {^^commune}", "TRUNG TÂM PHỤC VỤ|HÀNH CHÍNH CÔNG", "TTPVHCC",
     "{commune}", NULL, "GIÁM ĐỐC", "KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC",
     "TRUNG TÂM PHỤC VỤ HÀNH CHÍNH CÔNG|{^^commune}"},
    {"ỦY BAN NHÂN DÂN|TỈNH {^^province}", "SỞ NỘI VỤ", "SNV", "{province}", NULL,
     "GIÁM ĐỐC", "KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC", "SỞ NỘI VỤ|TỈNH {^^province}"},
    {"UBND {^^unit} {^^commune}", "TRƯỜNG TIỂU HỌC|{^^place}", "TH", "{commune}", NULL,
     "HIỆU TRƯỞNG", "KT. HIỆU TRƯỞNG", "PHÓ HIỆU TRƯỞNG", "TRƯỜNG TIỂU HỌC|{^^commune}"},
    {NULL, "HỘI ĐỒNG NHÂN DÂN|{^^unit} {^^commune}", "HĐND", "{commune}",
     "TM. HỘI ĐỒNG NHÂN DÂN", "CHỦ TỊCH", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH",
     "HỘI ĐỒNG NHÂN DÂN {^^unit}|{^^commune}"},
    {NULL, "ỦY BAN NHÂN DÂN|{^^unit} {^^commune}", "UBND", "{commune}", NULL,
     "TL. CHỦ TỊCH|CHÁNH VĂN PHÒNG", "TL. CHỦ TỊCH|KT. CHÁNH VĂN PHÒNG",
     "PHÓ CHÁNH VĂN PHÒNG", "ỦY BAN NHÂN DÂN {^^unit}|{^^commune}"},
};

const struct issuer *issuer_pick(struct random *r, bool chief)
{
    size_t count = sizeof issuers / sizeof issuers[0];

    if (chief || random_chance(r, 40))
        return &issuers[0];
    return &issuers[random_below(r, (uint32_t)count)];
}

/* Lines divided by '|', centred; returns the height. *plain is them as one value. */
static double stack(struct paper *p, const struct style *style, const char *template,
                    double x, double y, double width, char plain[256])
{
    char copy[256], *rest = NULL;
    double begin = y;

    g_strlcpy(copy, paper_say(p, template), sizeof copy);
    plain[0] = '\0';
    for (char *l = strtok_r(copy, "|", &rest); l; l = strtok_r(NULL, "|", &rest)) {
        y += paper_text(p, style, l, x, y, width);
        g_strlcat(plain, plain[0] ? " " : "", 256);
        g_strlcat(plain, l, 256);
    }
    return y - begin;
}

/* Returns how far down it came. */
static double issuer_set(struct paper *p, const struct frame *f, double width)
{
    const struct issuer *i = f->issuer;
    struct style style = {.size_pt = p->size_pt - 1, .align = ALIGN_CENTRE};
    double y = p->top, rule;
    char plain[256];

    if (i->parent != NULL) {
        y += stack(p, &style, i->parent, p->left, y, width, plain);
        paper_field(p, "parent", plain);
    }
    style.bold = true;
    y += stack(p, &style, i->name, p->left, y, width, plain);
    paper_field(p, "issuer", plain);
    if (f->party)
        return y + paper_text(p, &style, "*", p->left, y, width);
    rule = width * random_range(p->random, 0.25, 0.4);
    sheet_rule(paper_sheet(p), p->left + (width - rule) / 2, y + 2,
               p->left + (width + rule) / 2, y + 2, 0.8);
    return y + 4;
}

static double nation_set(struct paper *p, const struct frame *f, double x, double width)
{
    struct style style = {.size_pt = p->size_pt - 1, .bold = true, .align = ALIGN_CENTRE};
    const char *first = f->party ? "ĐẢNG CỘNG SẢN VIỆT NAM"
                        : random_chance(p->random, 75)
                            ? "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
                            : "CỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM";
    const char *under = f->party ? first : "Độc lập - Tự do - Hạnh phúc";
    double y = p->top, rule;

    if (f->party)
        style.size_pt = 15;
    style.size_pt = paper_fit(p, style, first, width);
    y += paper_text(p, &style, first, x, y, width);
    if (!f->party) {
        style.size_pt = p->size_pt;
        y += paper_text(p, &style, under, x, y, width);
    }
    rule = paper_text_width(p, &style, under);
    rule = rule < width ? rule : width;
    sheet_rule(paper_sheet(p), x + (width - rule) / 2, y + 2, x + (width + rule) / 2,
               y + 2, 0.8);
    return y + 4;
}

static double number_set(struct paper *p, const struct frame *f, double y, double width)
{
    struct style style = {.size_pt = 13, .align = ALIGN_CENTRE};
    char line[256], number[64], symbol[64];

    g_strlcpy(number, paper_say(p, f->number), sizeof number);
    g_strlcpy(symbol, paper_say(p, f->symbol), sizeof symbol);
    if (f->party)
        g_snprintf(line, sizeof line, "Số %s-%s", number, symbol);
    else
        g_snprintf(line, sizeof line, "Số: %s/%s", number, symbol);
    paper_field(p, "number", number);
    paper_field(p, "symbol", symbol);
    style.size_pt = paper_fit(p, style, line, width);
    y += paper_text(p, &style, line, p->left, y, width);
    if (f->kind[0] == '\0') {
        style.size_pt = 12;
        g_snprintf(line, sizeof line, "V/v %s", paper_say(p, f->subject));
        y += 2 + paper_text(p, &style, line, p->left, y + 2, width);
        paper_field(p, "subject", line);
    }
    return y;
}

static double date_set(struct paper *p, const struct frame *f, double x, double y,
                       double width)
{
    struct style style = {.size_pt = p->size_pt, .italic = true, .align = ALIGN_CENTRE};
    char place[128], date[128], line[300];

    g_strlcpy(place, paper_say(p, f->issuer->place), sizeof place);
    g_strlcpy(date, paper_say(p, "{day_month} năm {year}"), sizeof date);
    g_snprintf(line, sizeof line, "%s, %s", place, date);
    paper_field(p, "place", place);
    paper_field(p, "date", date);
    style.size_pt = paper_fit(p, style, line, width);
    return y + paper_text(p, &style, line, x, y, width);
}

/* Below the number, or in the upper right corner; red, a little askew. */
static void stamp_set(struct paper *p, double *y)
{
    static const struct {
        const char *text;
        double width_pt;
    } stamps[] = {{"", 0}, {"MẬT", 57}, {"TỐI MẬT", 85}, {"TUYỆT MẬT", 113}};
    const char *text = stamps[p->wish.secrecy].text;
    double width = stamps[p->wish.secrecy].width_pt, x;
    bool corner = random_chance(p->random, 40);
    struct mark m = {.kind = MARK_STAMP, .seed = random_next(p->random)};
    struct line l = {.text = (char *)text};

    if (p->wish.secrecy == SECRECY_NONE)
        return;
    m.angle_deg = random_range(p->random, -6, 6);
    m.colour = (struct colour){0.82, 0.08, 0.14};
    x = corner ? p->right - width - random_range(p->random, 0, 25)
               : p->left + random_range(p->random, 12, 50);
    m.box = (struct box){x, corner ? 20 : *y + 6, x + width, 0};
    m.box.bottom = m.box.top + STAMP_HIGH_PT;
    g_strlcpy(m.text, text, sizeof m.text);
    sheet_mark_add(paper_sheet(p), &m);
    sheet_zone(paper_sheet(p), ZONE_PLAIN);
    l.box = m.box;
    sheet_line_add(paper_sheet(p), &l);
    paper_field(p, "secrecy", text);
    if (!corner)
        *y = m.box.bottom + 6;
}

static void title_set(struct paper *p, const struct frame *f)
{
    struct style style = {.size_pt = p->size_pt, .bold = true, .align = ALIGN_CENTRE};
    double inset = paper_width(p) * 0.08, rule = paper_width(p) * 0.18;
    double middle = (p->left + p->right) / 2;

    if (f->kind[0] == '\0')
        return;
    sheet_zone(paper_sheet(p), ZONE_PLAIN);
    p->y += paper_text(p, &style, f->kind, p->left, p->y, paper_width(p));
    paper_field(p, "kind", f->kind);
    sheet_zone(paper_sheet(p), ZONE_PLAIN);
    p->y += paper_text(p, &style, paper_say(p, f->subject), p->left + inset, p->y,
                       paper_width(p) - 2 * inset);
    paper_field(p, "subject", paper_said(p));
    sheet_rule(paper_sheet(p), middle - rule / 2, p->y + 3, middle + rule / 2, p->y + 3,
               0.8);
    p->y += 12;
}

void frame_head(struct paper *p, const struct frame *f)
{
    double left_width, right_x, right_width, y, y_left, y_right;

    p->numbered = true;
    paper_turn(p, false);
    sheet_zone(paper_sheet(p), ZONE_COLUMNS);
    left_width = paper_width(p) * LEFT_SHARE;
    right_x = p->left + left_width + 6;
    right_width = p->right - right_x;
    y_left = issuer_set(p, f, left_width);
    paper_sheet(p)->column = 1;
    y_right = nation_set(p, f, right_x, right_width);
    y = (y_left > y_right ? y_left : y_right) + HEAD_GAP_PT;
    paper_sheet(p)->column = 0;
    y_left = number_set(p, f, y, left_width);
    paper_sheet(p)->column = 1;
    y_right = date_set(p, f, right_x, y, right_width);
    p->y = (y_left > y_right ? y_left : y_right) + 4;
    stamp_set(p, &p->y);
    p->y += 10;
    title_set(p, f);
}

/* ---- body ---- */

void frame_paragraph(struct paper *p, const char *utf8, size_t bold_bytes)
{
    struct style style = {.size_pt = p->size_pt,
                          .align = ALIGN_JUSTIFY,
                          .indent_pt = BODY_INDENT_PT,
                          .gap = p->gap,
                          .after_pt = 5,
                          .bold_bytes = bold_bytes};

    paper_paragraph(p, &style, utf8);
}

void frame_line(struct paper *p, const char *utf8, bool italic, enum align align)
{
    struct style style = {.size_pt = p->size_pt,
                          .italic = italic,
                          .align = align,
                          .indent_pt = align == ALIGN_JUSTIFY ? BODY_INDENT_PT : 0,
                          .gap = p->gap,
                          .after_pt = 4};

    paper_paragraph(p, &style, utf8);
}

void frame_heading(struct paper *p, const char *utf8, double after_pt)
{
    struct style style = {
        .size_pt = p->size_pt, .bold = true, .align = ALIGN_CENTRE, .after_pt = after_pt};

    paper_paragraph(p, &style, utf8);
}

static bool body_fits(struct paper *p, const char *utf8)
{
    struct style style = {.size_pt = p->size_pt, .indent_pt = BODY_INDENT_PT};
    double height = paper_height(p, &style, utf8, paper_width(p)) * p->gap + 5;

    return p->sheet_count < p->wish.pages ||
           paper_room(p) - height > frame_foot_height(p) + CLOSE_LINES * p->size_pt * 1.3;
}

void frame_body(struct paper *p, const char *template, const char *prefix, int most)
{
    char line[PHRASE_BYTES_MAX];

    if (p->wish.little && most > LITTLE_MAX && p->wish.pages == 1)
        most = LITTLE_MAX;
    for (int i = 1; i <= most && !p->failed; i++) {
        size_t used = 0;

        if (strcmp(prefix, "%d. ") == 0)
            used = (size_t)g_snprintf(line, sizeof line, "%d. ", i);
        else
            used = g_strlcpy(line, prefix, sizeof line);
        g_strlcpy(line + used, paper_say(p, template), sizeof line - used);
        if (!body_fits(p, line))
            return;
        frame_paragraph(p, line, 0);
    }
}

/* ---- foot ---- */

double frame_foot_height(struct paper *p)
{
    struct style style = {.size_pt = p->size_pt, .bold = true};

    return SIGN_SPACE_PT + 22 + 5 * paper_height(p, &style, "M", paper_width(p));
}

/* Decree 30/2020, article 33: clearly, straight, the right way up, over about a third of
 * the signature, its left part. Now and then a hand is off. From the seal's own seed:
 * the text must not change. */
static void seal_place(struct mark *seal, const struct box *pen, double middle_y)
{
    struct random r;
    double share, tilt;

    random_init(&r, seal->seed, 79);
    share = random_chance(&r, 85) ? random_range(&r, 0.25, 0.42)
                                  : random_range(&r, 0.05, 0.75);
    tilt = random_chance(&r, 85) ? 5 : 14;
    seal->angle_deg = random_range(&r, -tilt, tilt);
    seal->box.right = pen->left + share * (pen->right - pen->left);
    seal->box.left = seal->box.right - 2 * SEAL_RADIUS_PT;
    seal->box.top = middle_y - SEAL_RADIUS_PT;
    seal->box.bottom = middle_y + SEAL_RADIUS_PT;
}

static void sign(struct paper *p, const struct frame *f, double x, double width, double y)
{
    struct random *r = p->random;
    double middle = x + width / 2, shift = random_range(r, -8, 8);
    struct mark pen = {.kind = MARK_SIGNATURE, .seed = random_next(r)};
    struct mark seal = {.kind = MARK_SEAL, .seed = random_next(r)};

    pen.colour = (struct colour){0.10, 0.14, 0.50};
    pen.box = (struct box){middle - 45, y + 8, middle + 65, y + SIGN_SPACE_PT - 8};
    seal.colour = (struct colour){0.86, 0.12, 0.16};
    (void)random_next(r); /* papers of a seed stay what they were */
    seal_place(&seal, &pen.box, y + SIGN_SPACE_PT / 2.0 + shift / 2);
    g_strlcpy(seal.text, paper_say(p, f->issuer->seal), sizeof seal.text);
    if (!p->wish.seal) /* drawn by lot all the same: the text must not change */
        return;
    sheet_mark_add(paper_sheet(p), &pen);
    sheet_mark_add(paper_sheet(p), &seal);
}

static void signer_set(struct paper *p, const struct frame *f, double x, double width)
{
    struct style style = {.size_pt = p->size_pt, .bold = true, .align = ALIGN_CENTRE};
    const struct issuer *i = f->issuer;
    bool deputy = random_chance(p->random, 40);
    char authority[256] = "", plain[256];
    const char *title = deputy ? i->deputy_title : i->title;
    double y = p->y;

    if (i->authority != NULL) {
        y += stack(p, &style, i->authority, x, y, width, plain);
        g_strlcpy(authority, plain, sizeof authority);
    }
    if (deputy) {
        y += stack(p, &style, i->deputy_authority, x, y, width, plain);
        g_strlcat(authority, authority[0] ? " " : "", sizeof authority);
        g_strlcat(authority, plain, sizeof authority);
    }
    if (!deputy && strchr(title, '|') != NULL) { /* TL. CHỦ TỊCH|CHÁNH VĂN PHÒNG */
        g_strlcpy(authority, title, sizeof authority);
        *strchr(authority, '|') = '\0';
    }
    y += stack(p, &style, title, x, y, width, plain);
    title = strchr(title, '|') ? strchr(title, '|') + 1 : title;
    paper_field(p, "authority", authority);
    paper_field(p, "title", title);
    sign(p, f, x, width, y);
    y += SIGN_SPACE_PT;
    y += paper_text(p, &style, paper_say(p, "{person}"), x, y, width);
    paper_field(p, "signer", paper_said(p));
}

void frame_foot(struct paper *p, const struct frame *f, const char *receivers)
{
    struct style head = {.size_pt = 12, .bold = true, .italic = true};
    struct style item = {.size_pt = 11};
    double width = paper_width(p), split = width * 0.46, y;
    char copy[1024], *rest = NULL;

    if (p->failed)
        return;
    g_strlcpy(copy, receivers, sizeof copy);
    if (paper_room(p) < frame_foot_height(p))
        paper_turn(p, false);
    p->y += 8;
    y = p->y;
    sheet_zone(paper_sheet(p), ZONE_COLUMNS);
    if (copy[0] != '\0')
        y += paper_text(p, &head, "Nơi nhận:", p->left, y, split);
    for (char *l = strtok_r(copy, "\n", &rest); l; l = strtok_r(NULL, "\n", &rest))
        y += paper_text(p, &item, l, p->left, y, split);
    paper_sheet(p)->column = 1;
    signer_set(p, f, p->left + split, width - split);
}
