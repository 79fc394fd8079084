/* Papers of a Party committee: no motto, a star under the issuer, "Số 12-QĐ/ĐU". */
#include "tests/pages/paper.h"

#include <string.h>

#include "tests/pages/frame.h"

static const struct issuer committee = {
    "ĐẢNG BỘ TỈNH {^^province}",
    "ĐẢNG ỦY {^^unit}|{^^commune}",
    "ĐU",
    "{commune}",
    "T/M BAN THƯỜNG VỤ",
    "BÍ THƯ",
    "K/T BÍ THƯ",
    "PHÓ BÍ THƯ",
    "ĐẢNG BỘ TỈNH|ĐẢNG ỦY {^^commune}",
};

static const struct {
    const char *abbreviation, *kind, *subject;
} kinds[] = {
    {"QĐ", "QUYẾT ĐỊNH", "Về việc {topic}"},
    {"TB", "THÔNG BÁO", "Kết luận về {topic}"},
    {"CT", "CHỈ THỊ", "Về công tác {topic}"},
    {"BC", "BÁO CÁO", "Kết quả {topic}"},
    {"HD", "HƯỚNG DẪN", "Thực hiện việc {topic}"},
};

static int kind_find(struct paper *p)
{
    int count = (int)(sizeof kinds / sizeof kinds[0]);
    int found = random_between(p->random, 0, count - 1);

    for (int i = 0; p->wish.variant != NULL && i < count; i++)
        if (strcmp(kinds[i].abbreviation, p->wish.variant) == 0)
            found = i;
    return found;
}

void party_set(struct paper *p)
{
    int kind = kind_find(p);
    struct frame f = {.issuer = &committee,
                      .kind = kinds[kind].kind,
                      .number = "{#2:1-380}",
                      .subject = kinds[kind].subject,
                      .party = true};
    char symbol[64], receivers[1024];

    g_snprintf(symbol, sizeof symbol, "%s/ĐU", kinds[kind].abbreviation);
    f.symbol = symbol;
    frame_head(p, &f);
    frame_paragraph(
        p,
        paper_say(p, "Thực hiện Chương trình công tác năm {year}, Ban Thường vụ "
                     "Đảng ủy {unit} {commune} chỉ đạo một số nội dung về {topic} "
                     "như sau:"),
        0);
    frame_body(p, "{party_sentence}", "%d. ",
               p->wish.pages > 1 ? 400 : random_between(p->random, 3, 7));
    g_strlcpy(receivers, paper_say(p, "{party_receiver}"), sizeof receivers);
    g_strlcat(receivers, "\n", sizeof receivers);
    g_strlcat(receivers, paper_say(p, "{party_receiver}"), sizeof receivers);
    g_strlcat(receivers, "\n- Lưu Văn phòng Đảng ủy.", sizeof receivers);
    frame_foot(p, &f, receivers);
}
