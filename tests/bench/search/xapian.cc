// Xapian as a peer: indexes the lines of DIR/pages with their places and answers
// DIR/questions, as tests/bench/search/main.c wrote them. Prints rows of its table.
// --again asks what an earlier run left in DIR. Edit distance is not in Xapian 1.4's query: misread questions are left out.
#include <xapian.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

static double wall()
{
    using namespace std::chrono;
    return duration<double>(steady_clock::now().time_since_epoch()).count();
}

static double cpu()
{
    timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static std::vector<std::string> words_of(const std::string &line)
{
    std::istringstream in(line);
    std::vector<std::string> words;
    for (std::string w; in >> w;)
        words.push_back(w);
    return words;
}

static void index(const std::string &dir)
{
    Xapian::WritableDatabase db(dir + "/xapian", Xapian::DB_CREATE_OR_OVERWRITE);
    std::ifstream pages(dir + "/pages");
    double from = cpu();
    unsigned count = 0;
    for (std::string line; std::getline(pages, line); count++) {
        Xapian::Document d;
        Xapian::termpos place = 0;
        for (const auto &w : words_of(line))
            d.add_posting(w.substr(0, 200), ++place);
        db.add_document(d);
    }
    db.commit();
    std::printf("\nXapian: %.0f pages a second of CPU\n", count / (cpu() - from));
}

static Xapian::Query query_of(int kind, const std::vector<std::string> &words)
{
    if (kind == 3)
        return Xapian::Query(Xapian::Query::OP_WILDCARD, words[0], 100,
                             Xapian::Query::WILDCARD_LIMIT_MOST_FREQUENT);
    if (kind == 2)
        return Xapian::Query(Xapian::Query::OP_PHRASE, words.begin(), words.end(),
                             words.size());
    return Xapian::Query(Xapian::Query::OP_AND, words.begin(), words.end());
}

int main(int argc, char **argv)
{
    static const char *const names[] = {"one word", "three words", "phrase", "prefix"};
    std::string dir = argc > 1 ? argv[1] : ".";
    std::vector<double> walls[4], cpus[4];
    double hits[4] = {};
    if (argc < 3 || std::string(argv[2]) != "--again") // what an earlier run left in DIR
        index(dir);
    Xapian::Database db(dir + "/xapian");
    std::ifstream questions(dir + "/questions");
    for (std::string line; std::getline(questions, line);) {
        int kind = line[0] - '0';
        auto words = words_of(line.substr(2));
        if (kind < 0 || kind > 3 || words.empty())
            continue;
        double w = wall(), c = cpu();
        Xapian::Enquire ask(db);
        ask.set_query(query_of(kind, words));
        hits[kind] += ask.get_mset(0, 20).size();
        walls[kind].push_back(1000 * (wall() - w));
        cpus[kind].push_back(1000 * (cpu() - c));
    }
    std::printf("\n| | question | p50 | p99 | cpu p99 | hits told |\n|-|-|-|-|-|-|\n");
    for (int kind = 0; kind < 4; kind++) {
        auto &w = walls[kind], &c = cpus[kind];
        if (w.empty())
            continue;
        std::sort(w.begin(), w.end());
        std::sort(c.begin(), c.end());
        std::printf("| Xapian %s | %s | %.2f | %.2f | %.2f | %.1f |\n",
                    Xapian::version_string(), names[kind], w[(w.size() - 1) / 2],
                    w[(w.size() - 1) * 99 / 100], c[(c.size() - 1) * 99 / 100],
                    hits[kind] / static_cast<double>(w.size()));
    }
    return 0;
}
