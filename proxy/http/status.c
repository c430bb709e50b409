/* SPDX-License-Identifier: Apache-2.0 */
/*
 * status.c - reason phrases of RFC 9110 15 (and 431 of RFC 6585). Some clients
 * show the phrase alone (protocol.md 8.1), so each one is given.
 */
#include "http/status.h"

static const struct {
	unsigned status;
	struct dg_str reason;
} reasons[] = {
	{200, DG_STR_INIT("OK")},
	{201, DG_STR_INIT("Created")},
	{202, DG_STR_INIT("Accepted")},
	{204, DG_STR_INIT("No Content")},
	{303, DG_STR_INIT("See Other")},
	{304, DG_STR_INIT("Not Modified")},
	{307, DG_STR_INIT("Temporary Redirect")},
	{400, DG_STR_INIT("Bad Request")},
	{401, DG_STR_INIT("Unauthorized")},
	{403, DG_STR_INIT("Forbidden")},
	{404, DG_STR_INIT("Not Found")},
	{405, DG_STR_INIT("Method Not Allowed")},
	{406, DG_STR_INIT("Not Acceptable")},
	{408, DG_STR_INIT("Request Timeout")},
	{409, DG_STR_INIT("Conflict")},
	{410, DG_STR_INIT("Gone")},
	{411, DG_STR_INIT("Length Required")},
	{412, DG_STR_INIT("Precondition Failed")},
	{413, DG_STR_INIT("Content Too Large")},
	{414, DG_STR_INIT("URI Too Long")},
	{415, DG_STR_INIT("Unsupported Media Type")},
	{417, DG_STR_INIT("Expectation Failed")},
	{421, DG_STR_INIT("Misdirected Request")},
	{422, DG_STR_INIT("Unprocessable Content")},
	{426, DG_STR_INIT("Upgrade Required")},
	{429, DG_STR_INIT("Too Many Requests")},
	{431, DG_STR_INIT("Request Header Fields Too Large")},
	{500, DG_STR_INIT("Internal Server Error")},
	{501, DG_STR_INIT("Not Implemented")},
	{502, DG_STR_INIT("Bad Gateway")},
	{503, DG_STR_INIT("Service Unavailable")},
	{504, DG_STR_INIT("Gateway Timeout")},
	{505, DG_STR_INIT("HTTP Version Not Supported")},
};

struct dg_str
dg_http_reason(unsigned status)
{
	for (size_t i = 0; i < DG_ARRAY_LEN(reasons); i++) {
		if (reasons[i].status == status)
			return reasons[i].reason;
	}
	return DG_STR("Status");
}
