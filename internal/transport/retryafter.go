package transport

import (
	"net/http"
	"strconv"
	"time"
)

// RetryAfter returns the wait that an answer asks for, in seconds or as a date;
// 0 when it names none.
func RetryAfter(resp *http.Response) time.Duration {
	header := resp.Header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(header, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(0, time.Until(at))
	}
	return 0
}
