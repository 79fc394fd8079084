/* Forms: certificates and extracts of the civil registers, filled in over dotted
 * leaders. The dots are marks: what a reader makes of them is no text. */
#include "tests/pages/paper.h"

#include <string.h>

#include "tests/pages/frame.h"

#define VALUE_GAP_PT  4
#define LINE_GAP      1.35
#define ROW_PARTS_MAX 3

struct part {
    const char *label, *value; /* templates; no value: a heading */
    const char *field;         /* NULL: not a field */
    double share;              /* of the row */
};

struct row {
    struct part parts[ROW_PARTS_MAX];
};

struct form {
    const char *name, *title, *symbol;
    struct row rows[16];
};

static const struct form forms[] = {
    {"birth",
     "GIẤY KHAI SINH",
     "GKS",
     {{{{"Họ, chữ đệm, tên:", "{child}", "person", 1}}},
      {{{"Ngày, tháng, năm sinh:", "{birth_date}", "birth_date", 1}}},
      {{{"Giới tính:", "{sex}", "sex", 0.3},
        {"Dân tộc:", "{ethnic}", "ethnic", 0.33},
        {"Quốc tịch:", "Việt Nam", "nationality", 0.37}}},
      {{{"Nơi sinh:", "{born_at}", "birth_place", 1}}},
      {{{"Quê quán:", "{unit} {commune}, tỉnh {province}", "home", 1}}},
      {{{"Họ, chữ đệm, tên người mẹ:", "{mother}", "mother", 1}}},
      {{{"Năm sinh:", "{#1961-1979}", NULL, 0.3},
        {"Dân tộc:", "{ethnic}", NULL, 0.33},
        {"Quốc tịch:", "Việt Nam", NULL, 0.37}}},
      {{{"Nơi cư trú:", "{lives_at}", NULL, 1}}},
      {{{"Họ, chữ đệm, tên người cha:", "{father}", "father", 1}}},
      {{{"Năm sinh:", "{#1958-1976}", NULL, 0.3},
        {"Dân tộc:", "{ethnic}", NULL, 0.33},
        {"Quốc tịch:", "Việt Nam", NULL, 0.37}}},
      {{{"Nơi cư trú:", "{lives_at}", NULL, 1}}},
      {{{"Giấy tờ tùy thân của người đi khai:", "{card}", "card", 1}}}}},
    {"death",
     "TRÍCH LỤC KHAI TỬ",
     "TLKT",
     {{{{"Họ, chữ đệm, tên:", "{child}", "person", 1}}},
      {{{"Ngày, tháng, năm sinh:", "{any_date}", "birth_date", 1}}},
      {{{"Giới tính:", "{sex}", "sex", 0.3},
        {"Dân tộc:", "{ethnic}", "ethnic", 0.33},
        {"Quốc tịch:", "Việt Nam", "nationality", 0.37}}},
      {{{"Số giấy tờ tùy thân:", "{card}", "card", 1}}},
      {{{"Đã chết vào lúc:", "{#1-23} giờ {#10-59} phút", NULL, 0.5},
        {"ngày", "{birth_date}", "death_date", 0.5}}},
      {{{"Nơi chết:", "{lives_at}", "death_place", 1}}},
      {{{"Nguyên nhân chết:", "{died_of}", "cause", 1}}},
      {{{"Người đi khai tử:", "{person}", "declarant", 1}}}}},
    {"marriage",
     "GIẤY CHỨNG NHẬN KẾT HÔN",
     "GCNKH",
     {{{{"Họ, chữ đệm, tên chồng:", "{father}", "husband", 1}}},
      {{{"Ngày, tháng, năm sinh:", "{adult_date}", NULL, 0.6},
        {"Dân tộc:", "{ethnic}", NULL, 0.4}}},
      {{{"Nơi cư trú:", "{lives_at}", NULL, 1}}},
      {{{"Số giấy tờ tùy thân:", "{card}", NULL, 1}}},
      {{{"Họ, chữ đệm, tên vợ:", "{mother}", "wife", 1}}},
      {{{"Ngày, tháng, năm sinh:", "{adult_date}", NULL, 0.6},
        {"Dân tộc:", "{ethnic}", NULL, 0.4}}},
      {{{"Nơi cư trú:", "{lives_at}", NULL, 1}}},
      {{{"Số giấy tờ tùy thân:", "{card}", NULL, 1}}}}},
    {"single",
     "GIẤY XÁC NHẬN TÌNH TRẠNG HÔN NHÂN",
     "XNHN",
     {{{{"Xét đề nghị của ông (bà):", "{person}", "declarant", 1}}},
      {{{"Xác nhận ông (bà):", "{child}", "person", 1}}},
      {{{"Ngày, tháng, năm sinh:", "{adult_date}", "birth_date", 1}}},
      {{{"Giới tính:", "{sex}", "sex", 0.3},
        {"Dân tộc:", "{ethnic}", "ethnic", 0.33},
        {"Quốc tịch:", "Việt Nam", "nationality", 0.37}}},
      {{{"Số giấy tờ tùy thân:", "{card}", "card", 1}}},
      {{{"Nơi cư trú:", "{lives_at}", "residence", 1}}},
      {{{"Tình trạng hôn nhân:", "Chưa đăng ký kết hôn với ai", "status", 1}}},
      {{{"Giấy này được cấp để:", "Bổ sung hồ sơ cá nhân", NULL, 1}}}}},
};

/* Label, then the value over dots that run to the end of the part. Returns the
 * height. */
static double part_set(struct paper *p, const struct part *part, double x, double width,
                       bool italic)
{
    struct style label = {.size_pt = p->size_pt}, value = label;
    char text[256];
    double used, line;

    label.align = ALIGN_LEFT;
    value.italic = italic;
    used = paper_text_width(p, &label, part->label) + VALUE_GAP_PT;
    line = paper_text(p, &label, part->label, x, p->y, width);
    g_strlcpy(text, paper_say(p, part->value), sizeof text);
    value.size_pt = paper_fit(p, value, text, width - used - 2 * VALUE_GAP_PT);
    paper_text(p, &value, text, x + used + VALUE_GAP_PT, p->y, width - used);
    sheet_dots(paper_sheet(p), x + used, x + width - VALUE_GAP_PT, p->y + line * 0.92);
    if (part->field != NULL)
        paper_field(p, part->field, text);
    return line;
}

static void rows_set(struct paper *p, const struct form *f)
{
    bool italic = random_chance(p->random, 40);
    double gap = p->wish.little ? 1.2 : LINE_GAP;

    for (int i = 0; f->rows[i].parts[0].label != NULL && !p->failed; i++) {
        double x = p->left, line = 0;

        paper_sheet(p)->row++;
        for (int k = 0; k < ROW_PARTS_MAX && f->rows[i].parts[k].label; k++) {
            const struct part *part = &f->rows[i].parts[k];
            double width = paper_width(p) * part->share;

            paper_sheet(p)->column = k;
            line = part_set(p, part, x, width, italic);
            x += width;
        }
        p->y += line * gap;
    }
}

static const struct form *form_find(struct paper *p)
{
    int count = (int)(sizeof forms / sizeof forms[0]);
    int found = random_between(p->random, 0, count - 1);

    for (int i = 0; p->wish.variant != NULL && i < count; i++)
        if (strcmp(forms[i].name, p->wish.variant) == 0)
            found = i;
    return &forms[found];
}

static void people_draw(struct paper *p)
{
    bool boy = random_chance(p->random, 50);

    paper_set(p, "sex", boy ? "Nam" : "Nữ");
    paper_set(p, "child", boy ? "{^^man}" : "{^^woman}");
    paper_set(p, "mother", "{woman}");
    paper_set(p, "father", "{man}");
}

void certificate_set(struct paper *p)
{
    const struct form *form = form_find(p);
    char symbol[64];
    struct frame f = {.issuer = issuer_pick(p->random, true),
                      .kind = form->title,
                      .number = "{#2:1-290}/{year}",
                      .subject = "(Bản chính)",
                      .symbol = symbol};

    if (random_chance(p->random, 40))
        f.subject = "(Bản sao)";
    g_strlcpy(symbol, form->symbol, sizeof symbol);
    frame_head(p, &f);
    people_draw(p);
    p->y += 6;
    sheet_zone(paper_sheet(p), ZONE_TABLE);
    rows_set(p, form);
    p->y += 6;
    frame_paragraph(p,
                    paper_say(p, "Đăng ký tại Ủy ban nhân dân {unit} {commune}, tỉnh "
                                 "{province}, {some_date}."),
                    0);
    frame_foot(p, &f, "");
}
