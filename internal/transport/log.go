package transport

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// logging writes one line for each attempt that leaves the machine. It never
// sees a body and never writes a header.
type logging struct {
	next http.RoundTripper
	log  *slog.Logger
}

// RoundTrip implements http.RoundTripper.
func (l *logging) RoundTrip(req *http.Request) (*http.Response, error) {
	start := time.Now()
	resp, err := l.next.RoundTrip(req)
	attrs := []slog.Attr{
		slog.String("method", req.Method),
		slog.String("host", req.URL.Host),
		slog.String("path", req.URL.Path),
		slog.String("query", visibleQuery(req.URL.Query())),
		slog.Int("attempt", attemptOf(req.Context())),
		slog.Duration("duration", time.Since(start)),
	}
	if err != nil {
		attrs = append(attrs, slog.String("error", err.Error()))
	} else {
		attrs = append(attrs, slog.Int("status", resp.StatusCode))
	}
	l.log.LogAttrs(req.Context(), slog.LevelDebug, "Call of the service", attrs...)
	return resp, err
}

// visibleQuery keeps the values of OData options, whose names begin with a
// dollar sign, and masks all others: a result link carries its right of access
// there.
func visibleQuery(query url.Values) string {
	for key := range query {
		if !strings.HasPrefix(key, "$") {
			query[key] = []string{"***"}
		}
	}
	text, err := url.QueryUnescape(query.Encode())
	if err != nil {
		return "***"
	}
	return text
}

type attemptKey struct{}

// withAttempt tells the round-trippers below the number of the attempt.
func withAttempt(ctx context.Context, n int) context.Context {
	return context.WithValue(ctx, attemptKey{}, n)
}

func attemptOf(ctx context.Context) int {
	if n, ok := ctx.Value(attemptKey{}).(int); ok {
		return n
	}
	return 1
}
