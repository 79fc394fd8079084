#include "tests/lib/set_page.h"

#include <stdlib.h>
#include <string.h>

#include "ocr/reading.h"

void set_page_begin(struct set_page *p)
{
    *p = (struct set_page){
        .layout = {.width = SET_WIDTH, .height = SET_HEIGHT, .dpi = 200}};
    buffer_init(&p->text, READING_TEXT_MAX);
}

void set_page_end(struct set_page *p)
{
    buffer_release(&p->text);
    layout_release(&p->layout);
}

static int letters_of(const char *word, size_t bytes)
{
    int letters = 0;

    for (size_t i = 0; i < bytes; i++)
        letters += (word[i] & 0xC0) != 0x80;
    return letters;
}

void set_line(struct set_page *p, int left, int top, const char *line)
{
    enum word_start start = WORD_NEW_BLOCK;
    struct err e;

    while (*line != '\0') {
        size_t bytes = strcspn(line, " ");
        struct word w = {start,   96, left, top, letters_of(line, bytes) * SET_LETTER,
                         SET_LINE};

        if (p->layout.words_count > 0)
            buffer_append_text(&p->text, layout_gap(start));
        buffer_append(&p->text, line, bytes);
        if (layout_add(&p->layout, &w, &e) != 0)
            abort();
        left += w.width + SET_LETTER;
        start = WORD_IN_LINE;
        line += bytes;
        line += strspn(line, " ");
    }
}

void set_line_middle(struct set_page *p, int middle, int top, const char *line)
{
    set_line(p, middle - letters_of(line, strlen(line)) * SET_LETTER / 2, top, line);
}

void set_nation(struct set_page *p)
{
    set_line_middle(p, SET_RIGHT_COLUMN, 160, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM");
    set_line_middle(p, SET_RIGHT_COLUMN, 200, "Độc lập - Tự do - Hạnh phúc");
}

void set_body(struct set_page *p, int top)
{
    set_line(p, 330, top,
             "Căn cứ Luật Tổ chức chính quyền địa phương và các văn bản hướng dẫn");
    set_line(
        p, 250, top + 45,
        "thi hành, theo đề nghị của Quyết định số 99/QĐ-UBND ngày 01 tháng 3 năm 2001");
}

void set_decision(struct set_page *p)
{
    set_page_begin(p);
    set_line_middle(p, SET_LEFT_COLUMN, 160, "ỦY BAN NHÂN DÂN");
    set_line_middle(p, SET_LEFT_COLUMN, 200, "XÃ TÂN KHÊ ĐÔNG");
    set_line_middle(p, SET_LEFT_COLUMN, 280, "Số: 05/QĐ-UBND");
    set_nation(p);
    set_line_middle(p, SET_RIGHT_COLUMN, 280, "Tân Khê Đông, ngày 07 tháng 02 năm 2024");
    set_line_middle(p, 830, 420, "QUYẾT ĐỊNH");
    set_line_middle(p, 830, 462, "Về việc rà soát, số hóa sổ hộ tịch lưu tại");
    set_line_middle(p, 830, 504, "Ủy ban nhân dân xã");
    set_body(p, 600);
    set_line(p, 250, 1700, "Nơi nhận:");
    set_line(p, 250, 1740, "- Như Điều 2;");
    set_line(p, 250, 1775, "- Lưu: VT.");
    set_line_middle(p, 1200, 1700, "TM. ỦY BAN NHÂN DÂN");
    set_line_middle(p, 1200, 1742, "KT. CHỦ TỊCH");
    set_line_middle(p, 1200, 1784, "PHÓ CHỦ TỊCH");
    set_line_middle(p, 1200, 1980, "Trần Thị Thu Nguyệt");
}
