#include <netinet/in.h>

#include <microhttpd.h>

#include "base/web/http.h"

const char *http_query(const struct http_request *q, const char *name)
{
    return MHD_lookup_connection_value(q->connection, MHD_GET_ARGUMENT_KIND, name);
}

const char *http_header(const struct http_request *q, const char *name)
{
    return MHD_lookup_connection_value(q->connection, MHD_HEADER_KIND, name);
}

const char *http_cookie(const struct http_request *q, const char *name)
{
    return MHD_lookup_connection_value(q->connection, MHD_COOKIE_KIND, name);
}
