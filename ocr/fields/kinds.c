#include "ocr/fields/kinds.h"

#include <string.h>

#include "ocr/language/letter.h"

/* Decree 30/2020 and Party papers first; then what civil registers and lists are
 * called. Longer ones before those that they begin with. */
static const struct kind kinds[] = {
    {"nghiquyet", "NGHỊ QUYẾT", false},
    {"quyetdinh", "QUYẾT ĐỊNH", false},
    {"chithi", "CHỈ THỊ", false},
    {"quyche", "QUY CHẾ", false},
    {"quydinh", "QUY ĐỊNH", false},
    {"thongcao", "THÔNG CÁO", false},
    {"thongbao", "THÔNG BÁO", false},
    {"huongdan", "HƯỚNG DẪN", false},
    {"chuongtrinh", "CHƯƠNG TRÌNH", false},
    {"kehoach", "KẾ HOẠCH", false},
    {"phuongan", "PHƯƠNG ÁN", false},
    {"dean", "ĐỀ ÁN", false},
    {"duan", "DỰ ÁN", false},
    {"baocao", "BÁO CÁO", false},
    {"bienban", "BIÊN BẢN", false},
    {"totrinh", "TỜ TRÌNH", false},
    {"hopdong", "HỢP ĐỒNG", false},
    {"congdien", "CÔNG ĐIỆN", false},
    {"banghinho", "BẢN GHI NHỚ", false},
    {"banthoathuan", "BẢN THỎA THUẬN", false},
    {"giayuyquyen", "GIẤY ỦY QUYỀN", false},
    {"giaymoi", "GIẤY MỜI", false},
    {"giaygioithieu", "GIẤY GIỚI THIỆU", false},
    {"giaynghiphep", "GIẤY NGHỈ PHÉP", false},
    {"phieugui", "PHIẾU GỬI", false},
    {"phieuchuyen", "PHIẾU CHUYỂN", false},
    {"phieubao", "PHIẾU BÁO", false},
    {"thucong", "THƯ CÔNG", false},
    {"ketluan", "KẾT LUẬN", false},
    {"thongtri", "THÔNG TRI", false},
    {"thongtu", "THÔNG TƯ", false},
    {"nghidinh", "NGHỊ ĐỊNH", false},
    {"quyhoach", "QUY HOẠCH", false},
    {"phuluc", "PHỤ LỤC", false},
    {"danhsach", "DANH SÁCH", false},
    {"bieutonghop", "BIỂU TỔNG HỢP", false},
    {"giaykhaisinh", "GIẤY KHAI SINH", false},
    {"giaychungtu", "GIẤY CHỨNG TỬ", false},
    {"giaychungnhankethon", "GIẤY CHỨNG NHẬN KẾT HÔN", false},
    {"giayxacnhantinhtranghonnhan", "GIẤY XÁC NHẬN TÌNH TRẠNG HÔN NHÂN", false},
    {"trichluckhaisinh", "TRÍCH LỤC KHAI SINH", false},
    {"trichluckhaitu", "TRÍCH LỤC KHAI TỬ", false},
    {"trichluckethon", "TRÍCH LỤC KẾT HÔN", false},
    {"sodangkykhaisinh", "SỔ ĐĂNG KÝ KHAI SINH", false},
    {"sodangkykhaitu", "SỔ ĐĂNG KÝ KHAI TỬ", false},
    {"sodangkykethon", "SỔ ĐĂNG KÝ KẾT HÔN", false},
    {"sodangkynhanchamecon", "SỔ ĐĂNG KÝ NHẬN CHA, MẸ, CON", false},
    {"trichlucdangkynhanchamecon", "TRÍCH LỤC ĐĂNG KÝ NHẬN CHA, MẸ, CON", false},
    {"giaytiepnhanhosovahentraketqua", "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ", false},
    {"mucluchoso", "MỤC LỤC HỒ SƠ", false},
    {"muclucvanbantailieu", "MỤC LỤC VĂN BẢN, TÀI LIỆU", false},
    {"hosoluutru", "HỒ SƠ LƯU TRỮ", false},
    {"giay", "GIẤY", true},
    {"phieu", "PHIẾU", true},
    {"sodangky", "SỔ ĐĂNG KÝ", true},
    {"trichluc", "TRÍCH LỤC", true},
    {"tokhai", "TỜ KHAI", true},
    {"mucluc", "MỤC LỤC", true},
    {"don", "ĐƠN", true},
    {"bienban", "BIÊN BẢN", true},
    {"giaymoi", "GIẤY MỜI", true},
    {"bangtonghop", "BẢNG TỔNG HỢP", true},
    {"bieu", "BIỂU", true},
};

static const char *const offices[] = {
    "uyban",    "ubnd",    "hoidong",  "hdnd",     "so",         "phong",    "ban",
    "trungtam", "truong",  "cuc",      "chicuc",   "tongcuc",    "bo",       "vanphong",
    "dangbo",   "danguy",  "tinhuy",   "huyenuy",  "thanhuy",    "quanuy",   "congan",
    "congty",   "chibo",   "doan",     "hoi",      "mattran",    "kho",      "toa",
    "vien",     "baohiem", "tram",     "chinhanh", "benhvien",   "thanhtra", "lienhiep",
    "liendoan", "ubmttq",  "chinhphu", "quochoi",  "tongcongty", "bqp",      "tapdoan",
    "ngan",     "hat",     "doi",      "hop",      "dai",        "bch",      "lien",
};

static const char *const authorities[] = {"tuq", "tm", "kt", "tl"};

static const char *const titles[] = {
    "chutich",
    "phochutich",
    "giamdoc",
    "phogiamdoc",
    "truongphong",
    "photruongphong",
    "chanhvanphong",
    "phochanhvanphong",
    "hieutruong",
    "phohieutruong",
    "bithu",
    "phobithu",
    "botruong",
    "thutruong",
    "cuctruong",
    "phocuctruong",
    "tonggiamdoc",
    "photonggiamdoc",
    "vientruong",
    "phovientruong",
    "chanhan",
    "chanhthanhtra",
    "phochanhthanhtra",
    "truongban",
    "photruongban",
    "doitruong",
    "phodoitruong",
    "truongcongan",
    "photruongcongan",
    "chihuytruong",
    "tongcuctruong",
    "vutruong",
    "phovutruong",
    "chunhiem",
    "phochunhiem",
    "tramtruong",
    "photramtruong",
    "thutuong",
    "phothutuong",
    "chicuctruong",
    "phochicuctruong",
    "uyvien",
    "thuongtruc",
    "totruong",
    "truongthon",
    "congchuc",
    "truongdoan",
    "chutoa",
    "chutri",
    "thuky",
    "phochihuytruong",
    "ketoantruong",
    "chihuypho",
    "chanhvp",
    "thuongvu",
};

static const char *const signing[] = {"nguoilapbieu", "nguoilap",  "nguoiky",
                                      "nguoidungdon", "nguoikhai", "nguoilamdon"};

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* Letters below which a kind must be read as it is: ĐOÀN is no ĐỀ ÁN. */
#define KIND_SHORT 6

/* The line begins with it, and its last letter ends a word: ĐÔNG is no ĐƠN, and ĐƠN VỊ none
 * either. */
static bool begins_openly(const struct sheet *s, const struct sheet_line *l,
                          const struct kind *k, struct fold_match *m)
{
    const char *folded = line_folded(s, l);
    size_t behind;
    struct fold_match unit;

    if (!fold_begins(folded, l->fold_count, k->folded, 0, m) ||
        fold_begins(folded, l->fold_count, "donvi", 0, &unit))
        return false;
    behind = l->fold_first + m->at + m->count;
    return m->at + m->count == l->fold_count ||
           s->folded_word[behind] != s->folded_word[behind - 1];
}

const struct kind *kind_find(const struct sheet *s, const struct sheet_line *l,
                             unsigned *distance)
{
    const struct kind *best = NULL;
    unsigned least = 100;

    for (size_t i = 0; i < COUNT(kinds); i++) {
        const struct kind *k = &kinds[i];
        unsigned tolerance =
            strlen(k->folded) < KIND_SHORT ? 0 : fold_tolerance(k->folded);
        struct fold_match m;
        bool found =
            k->open ? begins_openly(s, l, k, &m)
                    : fold_is(line_folded(s, l), l->fold_count, k->folded, tolerance, &m);

        if (found && m.distance < least) {
            least = m.distance;
            best = k;
        }
    }
    *distance = least;
    return best;
}

bool kind_goes_on(const struct sheet *s, const struct sheet_line *l)
{
    for (size_t i = 0; i < COUNT(kinds); i++) {
        struct fold_match m;

        if (strlen(kinds[i].folded) >= KIND_SHORT && begins_openly(s, l, &kinds[i], &m))
            return true;
    }
    return false;
}

/* Words that are as short as SỞ must be whole: SƠN is none. */
static bool word_is(const struct sheet *s, const struct sheet_line *l, const char *folded)
{
    char letters[64];
    const struct sheet_word *w = &s->words[l->word_first];
    size_t count =
        w->bytes < sizeof letters ? fold_text(w->text, w->bytes, letters, NULL) : 0;

    return count == strlen(folded) && memcmp(letters, folded, count) == 0;
}

bool office_begins(const struct sheet *s, const struct sheet_line *l)
{
    for (size_t i = 0; i < COUNT(offices); i++) {
        struct fold_match m;
        size_t count = strlen(offices[i]);

        if (count < 6 ? word_is(s, l, offices[i])
                      : fold_begins(line_folded(s, l), l->fold_count, offices[i],
                                    fold_tolerance(offices[i]) - 1, &m))
            return true;
    }
    /* "ỦY BAN" misread in one of its letters. */
    {
        struct fold_match m;

        return fold_begins(line_folded(s, l), l->fold_count, "uybannhandan", 3, &m) ||
               fold_begins(line_folded(s, l), l->fold_count, "hoidongnhandan", 3, &m);
    }
}

/* The mark behind an abbreviation ends its word, or stands in it: "TM.", "T/M",
 * "KT.CHỦ", "Q. GIÁM". */
size_t authority_letters(const struct sheet *s, const struct sheet_line *l)
{
    const struct sheet_word *w = &s->words[l->word_first];
    const char *folded = line_folded(s, l);

    for (size_t i = 0; i < COUNT(authorities); i++) {
        size_t count = strlen(authorities[i]);

        if (l->fold_count <= count + 3 || strncmp(folded, authorities[i], count) != 0)
            continue;
        if (word_is(s, l, authorities[i]) || memchr(w->text, '.', w->bytes) != NULL ||
            memchr(w->text, '/', w->bytes) != NULL)
            return count;
    }
    if (w->bytes >= 2 && w->text[0] == 'Q' && w->text[1] == '.')
        return 1;
    return 0;
}

static bool begins_with_one(const struct sheet *s, const struct sheet_line *l,
                            const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct fold_match m;
        size_t length = strlen(list[i]);

        if (fold_begins(line_folded(s, l), l->fold_count, list[i],
                        length < 6    ? 0
                        : length < 12 ? 1
                                      : 2,
                        &m))
            return true;
    }
    return false;
}

bool title_begins(const struct sheet *s, const struct sheet_line *l)
{
    return begins_with_one(s, l, titles, COUNT(titles));
}

bool signs_without_title(const struct sheet *s, const struct sheet_line *l)
{
    return begins_with_one(s, l, signing, COUNT(signing));
}

/* ------------------------------------------------------------------- names */

static bool is_apostrophe(const char *letter)
{
    return strcmp(letter, "'") == 0 || strcmp(letter, "\xe2\x80\x99") == 0;
}

/* A word of a name; what it says of capitals. */
static bool name_word(const struct sheet_word *w, size_t *capitals, size_t *letters)
{
    size_t count = 0, big = 0;
    bool begun = false;

    for (size_t i = 0; i < w->bytes;) {
        char one[5] = "";
        unsigned char first = (unsigned char)w->text[i];
        size_t step = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
        struct letter l;

        memcpy(one, w->text + i, step > w->bytes - i ? w->bytes - i : step);
        if (count == 0 && !begun && is_apostrophe(one)) {
            /* A speck before the first letter: 'Thế. */
        } else if (count > 0 && is_apostrophe(one)) {
            /* H'Hen, M'Nông: each part has capitals of its own. */
            if (big != 1 && big != count)
                return false;
            *capitals += big;
            *letters += count;
            count = big = 0;
            begun = true;
        } else if (!letter_read(&l, one)) {
            /* A full stop or speck behind the last letter. */
            if (count == 0 || strchr(".,", one[0]) == NULL)
                return false;
        } else {
            if (count == 0 && !l.capital && !begun)
                return false;
            count++;
            big += l.capital;
        }
        i += step;
    }
    *capitals += big;
    *letters += count;
    return count > 0 && (big == 1 || big == count || (begun && big == 0));
}

static bool is_speck(const struct sheet_word *w)
{
    char letters[8];

    return w->bytes <= 4 && fold_text(w->text, w->bytes, letters, NULL) == 0;
}

bool name_looks_so(const struct sheet *s, const struct sheet_line *l)
{
    size_t capitals = 0, letters = 0, words = 0;

    for (size_t i = 0; i < l->words_count; i++) {
        const struct sheet_word *w = &s->words[l->word_first + i];

        if (is_speck(w) && (i == 0 || i + 1 == l->words_count))
            continue;
        if (!name_word(w, &capitals, &letters))
            return false;
        words++;
    }
    return words >= 2 && words <= 7 && letters >= 4 && letters <= 40;
}
