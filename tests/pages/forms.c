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
    const char *field;         /* of the form's type; NULL: none */
    double share;              /* of the row */
};

struct row {
    struct part parts[ROW_PARTS_MAX];
};

struct form {
    const char *name, *title, *symbol, *type;
    struct row rows[16];
};

static const struct form forms[] = {
    {"birth",
     "GIẤY KHAI SINH",
     "GKS",
     "birth",
     {{{{"Họ, chữ đệm, tên:", "{child}", "nksHoTen", 1}}},
      {{{"Ngày, tháng, năm sinh:", "{birth_date}", "nksNgaySinh", 1}}},
      {{{"Giới tính:", "{sex}", "nksGioiTinh", 0.3},
        {"Dân tộc:", "{ethnic}", "nksDanToc", 0.33},
        {"Quốc tịch:", "Việt Nam", "nksQuocTich", 0.37}}},
      {{{"Nơi sinh:", "{born_at}", "nksNoiSinh", 1}}},
      {{{"Quê quán:", "{unit} {commune}, tỉnh {province}", "nksQueQuan", 1}}},
      {{{"Họ, chữ đệm, tên người mẹ:", "{mother}", "meHoTen", 1}}},
      {{{"Năm sinh:", "{#1961-1979}", "meNgaySinh", 0.3},
        {"Dân tộc:", "{ethnic}", "meDanToc", 0.33},
        {"Quốc tịch:", "Việt Nam", "meQuocTich", 0.37}}},
      {{{"Nơi cư trú:", "{lives_at}", "meNoiCuTru", 1}}},
      {{{"Họ, chữ đệm, tên người cha:", "{father}", "chaHoTen", 1}}},
      {{{"Năm sinh:", "{#1958-1976}", "chaNgaySinh", 0.3},
        {"Dân tộc:", "{ethnic}", "chaDanToc", 0.33},
        {"Quốc tịch:", "Việt Nam", "chaQuocTich", 0.37}}},
      {{{"Nơi cư trú:", "{lives_at}", "chaNoiCuTru", 1}}},
      {{{"Giấy tờ tùy thân của người đi khai:", "{card}", "nycSoGiayToTuyThan", 1}}}}},
    {"death",
     "TRÍCH LỤC KHAI TỬ",
     "TLKT",
     "death",
     {{{{"Họ, chữ đệm, tên:", "{child}", "nktHoTen", 1}}},
      {{{"Ngày, tháng, năm sinh:", "{any_date}", "nktNgaySinh", 1}}},
      {{{"Giới tính:", "{sex}", "nktGioiTinh", 0.3},
        {"Dân tộc:", "{ethnic}", "nktDanToc", 0.33},
        {"Quốc tịch:", "Việt Nam", "nktQuocTich", 0.37}}},
      {{{"Số giấy tờ tùy thân:", "{card}", "nktSoGiayToTuyThan", 1}}},
      {{{"Đã chết vào lúc:", "{#1-23} giờ {#10-59} phút", "nktGioPhutChet", 0.5},
        {"ngày", "{birth_date}", "nktNgayChet", 0.5}}},
      {{{"Nơi chết:", "{lives_at}", "nktNoiChet", 1}}},
      {{{"Nguyên nhân chết:", "{died_of}", "nktNguyenNhanChet", 1}}},
      {{{"Người đi khai tử:", "{person}", "nycHoTen", 1}}}}},
    {"marriage",
     "GIẤY CHỨNG NHẬN KẾT HÔN",
     "GCNKH",
     "marriage",
     {{{{"Họ, chữ đệm, tên chồng:", "{father}", "chongHoTen", 1}}},
      {{{"Ngày, tháng, năm sinh:", "{adult_date}", "chongNgaySinh", 0.6},
        {"Dân tộc:", "{ethnic}", "chongDanToc", 0.4}}},
      {{{"Nơi cư trú:", "{lives_at}", "chongNoiCuTru", 1}}},
      {{{"Số giấy tờ tùy thân:", "{card}", "chongSoGiayToTuyThan", 1}}},
      {{{"Họ, chữ đệm, tên vợ:", "{mother}", "voHoTen", 1}}},
      {{{"Ngày, tháng, năm sinh:", "{adult_date}", "voNgaySinh", 0.6},
        {"Dân tộc:", "{ethnic}", "voDanToc", 0.4}}},
      {{{"Nơi cư trú:", "{lives_at}", "voNoiCuTru", 1}}},
      {{{"Số giấy tờ tùy thân:", "{card}", "voSoGiayToTuyThan", 1}}}}},
    {"couple", /* side by side, as certificates of today have it */
     "GIẤY CHỨNG NHẬN KẾT HÔN",
     "GCNKH",
     "marriage",
     {{{{"Họ, chữ đệm, tên chồng:", "{father}", "chongHoTen", 0.5},
        {"Họ, chữ đệm, tên vợ:", "{mother}", "voHoTen", 0.5}}},
      {{{"Ngày sinh:", "{adult_date}", "chongNgaySinh", 0.5},
        {"Ngày sinh:", "{adult_date}", "voNgaySinh", 0.5}}},
      {{{"Dân tộc:", "{ethnic}", "chongDanToc", 0.5},
        {"Dân tộc:", "{ethnic}", "voDanToc", 0.5}}},
      {{{"Quốc tịch:", "Việt Nam", "chongQuocTich", 0.5},
        {"Quốc tịch:", "Việt Nam", "voQuocTich", 0.5}}},
      {{{"Giấy tờ tùy thân:", "{card}", "chongSoGiayToTuyThan", 0.5},
        {"Giấy tờ tùy thân:", "{card}", "voSoGiayToTuyThan", 0.5}}}}},
    {"single",
     "GIẤY XÁC NHẬN TÌNH TRẠNG HÔN NHÂN",
     "XNHN",
     "marital_status",
     {{{{"Xét đề nghị của ông (bà):", "{person}", "nycHoTen", 1}}},
      {{{"Xác nhận ông (bà):", "{child}", "nxnHoTen", 1}}},
      {{{"Ngày, tháng, năm sinh:", "{adult_date}", "nxnNgaySinh", 1}}},
      {{{"Giới tính:", "{sex}", "nxnGioiTinh", 0.3},
        {"Dân tộc:", "{ethnic}", "nxnDanToc", 0.33},
        {"Quốc tịch:", "Việt Nam", "nxnQuocTich", 0.37}}},
      {{{"Số giấy tờ tùy thân:", "{card}", "nxnSoGiayToTuyThan", 1}}},
      {{{"Nơi cư trú:", "{lives_at}", "nxnNoiCuTru", 1}}},
      {{{"Tình trạng hôn nhân:", "Chưa đăng ký kết hôn với ai", "nxnTinhTrangHonNhan",
         1}}},
      {{{"Giấy này được cấp để:", "Bổ sung hồ sơ cá nhân", "nxnMucDichSuDung", 1}}}}},
    {"parent_child",
     "TRÍCH LỤC ĐĂNG KÝ NHẬN CHA, MẸ, CON",
     "TLNCMC",
     "parent_child",
     {{{{"Họ, chữ đệm, tên người cha:", "{father}", "cmHoTen", 1}}},
      {{{"Ngày, tháng, năm sinh:", "{adult_date}", "cmNgaySinh", 0.6},
        {"Dân tộc:", "{ethnic}", "cmDanToc", 0.4}}},
      {{{"Nơi cư trú:", "{lives_at}", "cmNoiCuTru", 1}}},
      {{{"Số giấy tờ tùy thân:", "{card}", "cmSoGiayToTuyThan", 1}}},
      {{{"Họ, chữ đệm, tên người con:", "{child}", "ncHoTen", 1}}},
      {{{"Ngày, tháng, năm sinh:", "{birth_date}", "ncNgaySinh", 0.6},
        {"Dân tộc:", "{ethnic}", "ncDanToc", 0.4}}},
      {{{"Quê quán:", "{unit} {commune}, tỉnh {province}", "ncQueQuan", 1}}}}},
    {"receipt",
     "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ",
     "TNHS",
     "one_stop",
     {{{{"Mã hồ sơ:", "H{#10-99}.{#10-99}.{#10-99}-{#24-26}{#10-12}{#10-28}-{#1000-9999}",
         "dossier_code", 1}}},
      {{{"Người nộp hồ sơ:", "{person}", "owner", 1}}},
      {{{"Số định danh cá nhân:", "{card}", "owner_identity", 1}}},
      {{{"Mã thủ tục:", "{#1-3}.{#100000-999999}", "procedure_code", 1}}},
      {{{"Tên thủ tục:", "Đăng ký {^topic}", "procedure", 1}}},
      {{{"Ngày tiếp nhận:", "{birth_date}", "received", 0.5},
        {"Ngày hẹn trả:", "{birth_date}", "due", 0.5}}}}},
    {"cover",
     "HỒ SƠ LƯU TRỮ",
     "HS",
     "archive_dossier",
     {{{{"Hồ sơ số:", "H{#10-99}.{#10-99}.{year}.{#1-290}", "fileCode", 1}}},
      {{{"Tiêu đề hồ sơ:", "Hồ sơ về {topic}", "title", 1}}},
      {{{"Thời hạn bảo quản:", "{#1-7}0 năm", "maintenance", 0.5},
        {"Số tờ:", "{#4-240}", "numberOfPaper", 0.5}}},
      {{{"Chế độ sử dụng:", "Công khai", "mode", 0.5},
        {"Số trang:", "{#4-480}", "numberOfPage", 0.5}}},
      {{{"Ghi chú:", "Hồ sơ có bản vẽ kèm theo", "description", 1}}}}},
};

/* Label, then the value over dots that run to the end of the part. Returns the
 * height. */
static double part_set(struct paper *p, const struct form *f, const struct part *part,
                       double x, double width, bool italic)
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
    paper_typed(p, f->type, part->field, NO_ROW, text);
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
            line = part_set(p, f, part, x, width, italic);
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
