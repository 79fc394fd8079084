/* Registers, lists of names and tables of numbers: ruled cells. */
#include "tests/pages/paper.h"

#include <string.h>

#define COLUMNS_MAX  12
#define CELL_PAD_PT  3
#define RULE_PT      0.7
#define CELL_BYTES   160
#define FOOT_ROOM_PT 110

struct column {
    const char *heading;
    const char *value; /* template; "#" counts the rows */
    double share;      /* of the table's width */
    enum align align;
    const char *field; /* of the table's type; NULL: none */
};

struct table {
    const char *name;
    const char *title, *subtitle; /* templates */
    bool lying;
    int rows_min, rows_max;
    const char *type; /* of record; NULL: none */
    struct column columns[COLUMNS_MAX];
};

static const struct table registers[] = {
    {"birth",
     "SỔ ĐĂNG KÝ KHAI SINH",
     "Quyển số {#2:1-9} - Năm {year} - UBND {unit} {commune}",
     true,
     9,
     15,
     "birth",
     {{"Số TT", "#", 4.5, ALIGN_CENTRE, NULL},
      {"Họ, chữ đệm, tên", "{child}", 14, ALIGN_LEFT, "nksHoTen"},
      {"Ngày, tháng, năm sinh", "{birth_date}", 9.5, ALIGN_CENTRE, "nksNgaySinh"},
      {"Giới tính", "{sex}", 5.5, ALIGN_CENTRE, "nksGioiTinh"},
      {"Dân tộc", "{ethnic}", 7.5, ALIGN_CENTRE, "nksDanToc"},
      {"Nơi sinh", "{born_at}", 16, ALIGN_LEFT, "nksNoiSinh"},
      {"Họ tên người cha", "{man}", 13.5, ALIGN_LEFT, "chaHoTen"},
      {"Họ tên người mẹ", "{woman}", 13.5, ALIGN_LEFT, "meHoTen"},
      {"Nơi cư trú", "{lives_at}", 16, ALIGN_LEFT, "meNoiCuTru"}}},
    {"death",
     "SỔ ĐĂNG KÝ KHAI TỬ",
     "Quyển số {#2:1-9} - Năm {year} - UBND {unit} {commune}",
     true,
     9,
     15,
     "death",
     {{"Số", "#", 4, ALIGN_CENTRE, "so"},
      {"Họ, chữ đệm, tên người chết", "{child}", 16, ALIGN_LEFT, "nktHoTen"},
      {"Giới tính", "{sex}", 6, ALIGN_CENTRE, "nktGioiTinh"},
      {"Ngày sinh", "{any_date}", 10, ALIGN_CENTRE, "nktNgaySinh"},
      {"Dân tộc", "{ethnic}", 8, ALIGN_CENTRE, "nktDanToc"},
      {"Ngày chết", "{birth_date}", 10, ALIGN_CENTRE, "nktNgayChet"},
      {"Nơi chết", "{lives_at}", 18, ALIGN_LEFT, "nktNoiChet"},
      {"Nguyên nhân chết", "{died_of}", 13, ALIGN_LEFT, "nktNguyenNhanChet"},
      {"Người đi khai", "{person}", 15, ALIGN_LEFT, "nycHoTen"}}},
    {"marriage",
     "SỔ ĐĂNG KÝ KẾT HÔN",
     "Quyển số {#2:1-9} - Năm {year} - UBND {unit} {commune}",
     true,
     8,
     13,
     "marriage",
     {{"Số", "#", 4, ALIGN_CENTRE, "so"},
      {"Ngày đăng ký", "{birth_date}", 10, ALIGN_CENTRE, "ngayDangKy"},
      {"Họ tên chồng", "{man}", 14, ALIGN_LEFT, "chongHoTen"},
      {"Ngày sinh", "{adult_date}", 10, ALIGN_CENTRE, "chongNgaySinh"},
      {"Nơi cư trú", "{lives_at}", 15, ALIGN_LEFT, "chongNoiCuTru"},
      {"Họ tên vợ", "{woman}", 14, ALIGN_LEFT, "voHoTen"},
      {"Ngày sinh", "{adult_date}", 10, ALIGN_CENTRE, "voNgaySinh"},
      {"Nơi cư trú", "{lives_at}", 15, ALIGN_LEFT, "voNoiCuTru"},
      {"Người ký", "{person}", 12, ALIGN_LEFT, "nguoiKy"}}},
    {"parent_child",
     "SỔ ĐĂNG KÝ NHẬN CHA, MẸ, CON",
     "Quyển số {#2:1-9} - Năm {year} - UBND {unit} {commune}",
     true,
     8,
     13,
     "parent_child",
     {{"Số", "#", 4, ALIGN_CENTRE, "so"},
      {"Ngày đăng ký", "{birth_date}", 10, ALIGN_CENTRE, "ngayDangKy"},
      {"Họ tên cha, mẹ", "{person}", 15, ALIGN_LEFT, "cmHoTen"},
      {"Năm sinh", "{#1961-1979}", 8, ALIGN_CENTRE, "cmNgaySinh"},
      {"Nơi cư trú", "{lives_at}", 18, ALIGN_LEFT, "cmNoiCuTru"},
      {"Họ tên con", "{child}", 15, ALIGN_LEFT, "ncHoTen"},
      {"Ngày sinh", "{birth_date}", 10, ALIGN_CENTRE, "ncNgaySinh"},
      {"Dân tộc", "{ethnic}", 8, ALIGN_CENTRE, "ncDanToc"}}},
    {"documents",
     "MỤC LỤC VĂN BẢN, TÀI LIỆU",
     "Hồ sơ số {#2:1-290} - UBND {unit} {commune} - Năm {year}",
     false,
     9,
     15,
     "archive_document",
     {{"Số TT", "#", 7, ALIGN_CENTRE, NULL},
      {"Số, ký hiệu", "{#2:1-290}/QĐ-UBND", 20, ALIGN_LEFT, "codeNotation"},
      {"Ngày tháng", "{birth_date}", 16, ALIGN_CENTRE, "issuedDate"},
      {"Trích yếu nội dung", "{^topic}", 45, ALIGN_LEFT, "subject"},
      {"Tờ số", "{#1-240}", 10, ALIGN_CENTRE, NULL}}},
    {"dossiers",
     "MỤC LỤC HỒ SƠ",
     "Phông UBND {unit} {commune} - Năm {year}",
     false,
     9,
     15,
     "archive_dossier",
     {{"Số TT", "#", 7, ALIGN_CENTRE, NULL},
      {"Tiêu đề hồ sơ", "Hồ sơ về {topic}", 47, ALIGN_LEFT, "title"},
      {"Thời hạn bảo quản", "{#1-7}0 năm", 16, ALIGN_CENTRE, "maintenance"},
      {"Số tờ", "{#4-240}", 10, ALIGN_CENTRE, "numberOfPaper"},
      {"Ghi chú", "", 14, ALIGN_LEFT, NULL}}},
};

static const struct table lists[] = {
    {"names",
     "DANH SÁCH",
     "{^list_subject} năm {year} - {unit} {commune}",
     false,
     10,
     22,
     NULL,
     {{"TT", "#", 6, ALIGN_CENTRE, NULL},
      {"Họ và tên", "{person}", 27, ALIGN_LEFT, NULL},
      {"Năm sinh", "{#1938-2006}", 11, ALIGN_CENTRE, NULL},
      {"Nghề nghiệp", "{trade}", 17, ALIGN_LEFT, NULL},
      {"Chỗ ở hiện nay", "{^village}", 27, ALIGN_LEFT, NULL},
      {"Ghi chú", "", 12, ALIGN_LEFT, NULL}}},
    {"money",
     "DANH SÁCH",
     "Các {list_subject} (đợt {#1-4} năm {year})",
     false,
     10,
     22,
     NULL,
     {{"Số TT", "#", 7, ALIGN_CENTRE, NULL},
      {"Họ và tên chủ hộ", "{person}", 27, ALIGN_LEFT, NULL},
      {"Thôn, tổ dân phố", "{^village}", 24, ALIGN_LEFT, NULL},
      {"Số khẩu", "{#2-8}", 9, ALIGN_CENTRE, NULL},
      {"Số tiền (đồng)", "{#.:120-980}.000", 17, ALIGN_RIGHT, NULL},
      {"Ký nhận", "", 16, ALIGN_LEFT, NULL}}},
    {"statistics",
     "BIỂU TỔNG HỢP",
     "{^statistics_subject} năm {year}",
     false,
     9,
     16,
     NULL,
     {{"TT", "#", 6, ALIGN_CENTRE, NULL},
      {"Lĩnh vực", "{domain}", 30, ALIGN_LEFT, NULL},
      {"Tổng số", "{#.:140-8900}", 13, ALIGN_RIGHT, NULL},
      {"Đúng hạn", "{#.:120-4200}", 13, ALIGN_RIGHT, NULL},
      {"Quá hạn", "{#0-98}", 12, ALIGN_RIGHT, NULL},
      {"Tỷ lệ (%)", "{#80-99},{#0-9}", 13, ALIGN_RIGHT, NULL},
      {"Trực tuyến", "{#.:60-3100}", 13, ALIGN_RIGHT, NULL}}},
};

static const struct table *table_find(struct paper *p, const struct table *tables,
                                      int count)
{
    int found = random_between(p->random, 0, count - 1);

    for (int i = 0; p->wish.variant != NULL && i < count; i++)
        if (strcmp(tables[i].name, p->wish.variant) == 0)
            found = i;
    return &tables[found];
}

/* "Quyển số 04 - Năm …" */
static void book_field(struct paper *p, const struct table *t, const char *subtitle)
{
    static const char label[] = "Quyển số ";
    char number[8];

    if (strncmp(subtitle, label, sizeof label - 1) != 0)
        return;
    g_snprintf(number, sizeof number, "%.2s", subtitle + sizeof label - 1);
    paper_typed(p, t->type, "quyenSo", NO_ROW, number);
}

static void title_set(struct paper *p, const struct table *t)
{
    struct style style = {.size_pt = p->size_pt + 1, .bold = true, .align = ALIGN_CENTRE};

    p->y += paper_text(p, &style, t->title, p->left, p->y, paper_width(p));
    paper_field(p, "kind", t->title);
    sheet_zone(paper_sheet(p), ZONE_PLAIN);
    style = (struct style){.size_pt = p->size_pt - 1, .align = ALIGN_CENTRE};
    p->y +=
        paper_text(p, &style, paper_say(p, t->subtitle), p->left, p->y, paper_width(p));
    paper_field(p, "subject", paper_said(p));
    book_field(p, t, paper_said(p));
    p->y += 8;
}

struct row {
    char cells[COLUMNS_MAX][CELL_BYTES];
    double height;
};

static double column_width(const struct paper *p, const struct table *t, int column)
{
    double shares = 0;

    for (int i = 0; i < COLUMNS_MAX && t->columns[i].heading; i++)
        shares += t->columns[i].share;
    return paper_width(p) * t->columns[column].share / shares;
}

static void row_measure(struct paper *p, const struct table *t, const struct style *style,
                        struct row *row)
{
    row->height = 0;
    for (int i = 0; i < COLUMNS_MAX && t->columns[i].heading; i++) {
        double width = column_width(p, t, i) - 2 * CELL_PAD_PT;
        double height = paper_height(p, style, row->cells[i], width);

        row->height = height > row->height ? height : row->height;
    }
    row->height += 2 * CELL_PAD_PT;
}

static void row_draw(struct paper *p, const struct table *t, struct row *row, int number)
{
    bool boy = random_chance(p->random, 50);

    paper_set(p, "sex", boy ? "Nam" : "Nữ");
    paper_set(p, "child", boy ? "{man}" : "{woman}");
    for (int i = 0; i < COLUMNS_MAX && t->columns[i].heading; i++) {
        if (strcmp(t->columns[i].value, "#") == 0)
            g_snprintf(row->cells[i], CELL_BYTES, "%d", number);
        else
            g_strlcpy(row->cells[i], paper_say(p, t->columns[i].value), CELL_BYTES);
    }
}

/* The number of a document's list is in one cell with its symbol. */
static void cell_fields(struct paper *p, const struct table *t, const char *field,
                        int row, const char *text)
{
    const char *stroke = strchr(text, '/');

    if (field == NULL || strcmp(field, "codeNotation") != 0 || stroke == NULL) {
        paper_typed(p, t->type, field, row, text);
        return;
    }
    {
        char number[CELL_BYTES];

        g_snprintf(number, sizeof number, "%.*s", (int)(stroke - text), text);
        paper_typed(p, t->type, "codeNumber", row, number);
        paper_typed(p, t->type, field, row, stroke + 1);
    }
}

static void row_fields(struct paper *p, const struct table *t, const struct row *row,
                       int number)
{
    for (int i = 0; i < COLUMNS_MAX && t->columns[i].heading; i++)
        cell_fields(p, t, t->columns[i].field, number - 1, row->cells[i]);
}

static void row_set(struct paper *p, const struct table *t, struct style style,
                    const struct row *row, bool heading)
{
    double x = p->left;

    paper_sheet(p)->row++;
    for (int i = 0; i < COLUMNS_MAX && t->columns[i].heading; i++) {
        double width = column_width(p, t, i) - 2 * CELL_PAD_PT;
        double spare = row->height - paper_height(p, &style, row->cells[i], width);

        style.align = heading ? ALIGN_CENTRE : t->columns[i].align;
        paper_sheet(p)->column = i;
        paper_text(p, &style, row->cells[i], x + CELL_PAD_PT, p->y + spare / 2, width);
        x += width + 2 * CELL_PAD_PT;
    }
    p->y += row->height;
    sheet_rule(paper_sheet(p), p->left, p->y, p->right, p->y, RULE_PT);
}

static void uprights_set(struct paper *p, const struct table *t, double top)
{
    double x = p->left;

    for (int i = 0; i < COLUMNS_MAX && t->columns[i].heading; i++) {
        sheet_rule(paper_sheet(p), x, top, x, p->y, RULE_PT);
        x += column_width(p, t, i);
    }
    sheet_rule(paper_sheet(p), p->right, top, p->right, p->y, RULE_PT);
}

/* One page of the table; returns the number of the row after its last. */
static int page_set(struct paper *p, const struct table *t, int number, double reserve)
{
    struct style cell = {.size_pt = t->lying && !p->wish.little ? 10.5 : 12},
                 heading = cell;
    int rows = p->wish.little ? 6 : random_between(p->random, t->rows_min, t->rows_max);
    double top = p->y;
    struct row row;

    heading.bold = true;
    sheet_zone(paper_sheet(p), ZONE_TABLE);
    sheet_rule(paper_sheet(p), p->left, p->y, p->right, p->y, RULE_PT);
    for (int i = 0; i < COLUMNS_MAX && t->columns[i].heading; i++)
        g_strlcpy(row.cells[i], t->columns[i].heading, CELL_BYTES);
    row_measure(p, t, &heading, &row);
    row_set(p, t, heading, &row, true);
    for (int i = 0; i < rows && !p->failed; i++) {
        row_draw(p, t, &row, number);
        row_measure(p, t, &cell, &row);
        if (paper_room(p) - row.height < reserve)
            break;
        row_set(p, t, cell, &row, false);
        row_fields(p, t, &row, number);
        number++;
    }
    uprights_set(p, t, top);
    return number;
}

static void table_set(struct paper *p, const struct table *t, double reserve)
{
    int number = 1;

    for (int page = 0; page < p->wish.pages && !p->failed; page++) {
        paper_turn(p, t->lying);
        if (page == 0)
            title_set(p, t);
        number = page_set(p, t, number, reserve);
    }
}

void register_set(struct paper *p)
{
    const struct table *t =
        table_find(p, registers, (int)(sizeof registers / sizeof registers[0]));

    table_set(p, t, 0);
}

void list_set(struct paper *p)
{
    const struct table *t = table_find(p, lists, (int)(sizeof lists / sizeof lists[0]));
    struct style bold = {.size_pt = 13, .bold = true, .align = ALIGN_CENTRE};
    struct style plain = {.size_pt = 13, .italic = true, .align = ALIGN_CENTRE};
    double half, x;

    table_set(p, t, FOOT_ROOM_PT);
    half = paper_width(p) / 2;
    x = p->left + half;
    p->y += 8;
    sheet_zone(paper_sheet(p), ZONE_PLAIN);
    paper_say(p, "{commune}, {day_month} năm {year}");
    plain.size_pt = paper_fit(p, plain, paper_said(p), half);
    paper_text(p, &plain, paper_said(p), x, p->y, half);
    p->y += 18;
    paper_text(p, &bold, "NGƯỜI LẬP BIỂU", x, p->y, half);
    p->y += 58;
    paper_text(p, &bold, paper_say(p, "{person}"), x, p->y, half);
    paper_field(p, "signer", paper_said(p));
}
