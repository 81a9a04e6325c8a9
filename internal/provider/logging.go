package provider

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// logHandler forwards the client's log to Terraform's, which lives in the
// context, and masks secrets on the way: no call site has to think of it.
type logHandler struct {
	mask   *mask
	prefix string
	attrs  []slog.Attr
}

func newLogger(m *mask) *slog.Logger { return slog.New(&logHandler{mask: m}) }

// Enabled implements slog.Handler. Terraform's log has its own levels.
func (h *logHandler) Enabled(context.Context, slog.Level) bool { return true }

// Handle implements slog.Handler.
func (h *logHandler) Handle(ctx context.Context, record slog.Record) error {
	fields := make(map[string]any, record.NumAttrs()+len(h.attrs))
	for _, attr := range h.attrs {
		h.add(fields, "", attr)
	}
	record.Attrs(func(attr slog.Attr) bool {
		h.add(fields, h.prefix, attr)
		return true
	})
	message := h.mask.text(record.Message)
	switch {
	case record.Level >= slog.LevelError:
		tflog.Error(ctx, message, fields)
	case record.Level >= slog.LevelWarn:
		tflog.Warn(ctx, message, fields)
	case record.Level >= slog.LevelInfo:
		tflog.Info(ctx, message, fields)
	case record.Level >= slog.LevelDebug:
		tflog.Debug(ctx, message, fields)
	default:
		tflog.Trace(ctx, message, fields)
	}
	return nil
}

// WithAttrs implements slog.Handler.
func (h *logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	with := *h
	with.attrs = slices.Clone(h.attrs)
	for _, attr := range attrs {
		attr.Key = h.prefix + attr.Key
		with.attrs = append(with.attrs, attr)
	}
	return &with
}

// WithGroup implements slog.Handler.
func (h *logHandler) WithGroup(name string) slog.Handler {
	with := *h
	with.prefix += name + "."
	return &with
}

// add puts an attribute into fields, a group as one field for each member.
func (h *logHandler) add(fields map[string]any, prefix string, attr slog.Attr) {
	value := attr.Value.Resolve()
	switch value.Kind() {
	case slog.KindGroup:
		for _, member := range value.Group() {
			h.add(fields, prefix+attr.Key+".", member)
		}
	case slog.KindString, slog.KindAny:
		fields[prefix+attr.Key] = h.mask.text(fmt.Sprint(value.Any()))
	case slog.KindDuration:
		fields[prefix+attr.Key] = value.Duration().String()
	default:
		fields[prefix+attr.Key] = value.Any()
	}
}

// masked stands for a secret.
const masked = "***"

// shapes are secrets that give themselves away: bearer tokens, JWTs, and values
// that are secret by the name of their parameter.
var shapes = []struct {
	pattern *regexp.Regexp
	with    string
}{
	{regexp.MustCompile(`(?i)\b(bearer\s+)[A-Za-z0-9._~+/=-]+`), "${1}" + masked},
	{regexp.MustCompile(`\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]*)?`), masked},
	{regexp.MustCompile(`(?i)\b(sig|client_secret|client_assertion|access_token)(=|%3D)[^&\s"']+`), "${1}${2}" + masked},
}

// mask knows the secrets of this process, the longest first.
type mask struct {
	mu    sync.RWMutex
	known []string
}

// learn adds a secret, and how it looks in a URL or a form. What is shorter
// than four characters is found in every text and protects nothing.
func (m *mask) learn(secret string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	secret = strings.TrimSpace(secret)
	for _, form := range []string{secret, url.QueryEscape(secret)} {
		if len(form) >= 4 && !slices.Contains(m.known, form) {
			m.known = append(m.known, form)
		}
	}
	// A secret that is part of another would leave the rest of that.
	slices.SortStableFunc(m.known, func(a, b string) int { return len(b) - len(a) })
}

// text returns s with every secret masked.
func (m *mask) text(s string) string {
	m.mu.RLock()
	defer m.mu.RUnlock()
	for _, secret := range m.known {
		s = strings.ReplaceAll(s, secret, masked)
	}
	for _, shape := range shapes {
		s = shape.pattern.ReplaceAllString(s, shape.with)
	}
	return s
}
