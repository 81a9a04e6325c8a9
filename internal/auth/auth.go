// Package auth gets the access tokens of the Defender API: it chooses the one
// way to sign in that the settings ask for, signs in when the first call needs
// a token, and shares and renews that token. It refuses to read the environment
// and knows neither Terraform nor the API that the tokens are for.
//
// Each way to sign in is a file of its own that describes itself as a [method]
// and has its line in methods.
package auth

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Config holds the settings that signing in can need.
type Config struct {
	TenantID                  Setting
	ClientID                  Setting
	ClientSecret              Setting
	ClientCertificate         Setting
	ClientCertificatePath     Setting
	ClientCertificatePassword Setting
	AccessToken               Setting
	// AuthorityHost is the https URL of the host that issues tokens, TokenScope
	// what they are asked for. Both are always set.
	AuthorityHost Setting
	TokenScope    Setting

	// Base sends the token requests.
	Base http.RoundTripper
	// Logger may be nil.
	Logger *slog.Logger
	// Learn, which may be nil, is told every token before it is used, so that
	// logs can mask it.
	Learn func(secret string)
}

// Setting is one value of the configuration and where it was found. Printing
// it tells its name and origin and never its text, which may be a secret.
type Setting struct {
	// Name is the provider's attribute.
	Name string
	// Variables are the environment variables that stand in for it.
	Variables []string
	// Text is the value; empty means unset.
	Text   string
	Origin Origin
}

// Origin says where a setting was found, as a phrase.
type Origin string

// FromBlock is the origin of what an attribute sets.
const FromBlock Origin = "the provider block"

// FromVariable is the origin of what an environment variable sets.
func FromVariable(name string) Origin { return Origin("the environment variable " + name) }

// FromCloud is the origin of what a cloud has by default.
func FromCloud(name string) Origin { return Origin("the defaults of the environment " + name) }

// String names the setting and its origin.
func (s Setting) String() string {
	if s.Text == "" {
		return s.Name + " (not set)"
	}
	return fmt.Sprintf("%s (from %s)", s.Name, s.Origin)
}

// GoString keeps the text out of %#v.
func (s Setting) GoString() string { return s.String() }

// LogValue implements slog.LogValuer.
func (s Setting) LogValue() slog.Value { return slog.StringValue(s.String()) }

// hint names the setting and all that can set it.
func (s Setting) hint() string {
	if len(s.Variables) == 0 {
		return s.Name
	}
	return fmt.Sprintf("%s (or %s)", s.Name, enumerate(s.Variables, "or"))
}

// advice says where the setting was found, and what else can set it.
func (s Setting) advice() string {
	switch {
	case s.Text == "":
		return s.hint()
	case s.Origin == FromBlock && len(s.Variables) > 0:
		return fmt.Sprintf("%s (from %s; the environment can set it by %s)", s.Name, s.Origin, enumerate(s.Variables, "or"))
	}
	return s.String()
}

// method is one way to sign in.
type method struct {
	// name completes "signing in with …".
	name string
	// by holds the settings of which any chooses the method.
	by func(*Config) []Setting
	// needs holds the other settings that the method cannot do without.
	needs func(*Config) []Setting
	// open checks the settings and returns what signs in. It makes no call.
	open func(*Config) (signIn, error)
}

// signIn obtains a new token each time it is asked.
type signIn interface {
	acquire(ctx context.Context) (token, error)
}

// token is an access token and how long it lives.
type token struct {
	text string
	// expires is zero when nobody knows.
	expires time.Time
}

// methods returns the ways to sign in, in the order of choice.
func methods() []method {
	return []method{accessTokenMethod(), clientSecretMethod(), certificateMethod()}
}

// New chooses the way to sign in and checks what it needs, without a call. Its
// errors are [*Error].
func New(ctx context.Context, config Config) (*Source, error) {
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	if config.Learn == nil {
		config.Learn = func(string) {}
	}
	chosen, by, err := choose(&config)
	if err != nil {
		return nil, err
	}
	in, err := chosen.open(&config)
	if err != nil {
		return nil, err
	}
	config.Logger.DebugContext(ctx, "Tokens come from signing in with "+chosen.name, slog.Any("because", by), slog.Any("tenant_id", config.TenantID), slog.Any("client_id", config.ClientID))
	return &Source{config: config, method: chosen.name, ignored: ignored(&config, by), signIn: in}, nil
}

// choose takes the first method that a setting of the provider block asks for,
// else the first that the environment asks for. It returns that setting, too.
func choose(config *Config) (method, Setting, error) {
	for _, fromBlock := range []bool{true, false} {
		for _, m := range methods() {
			for _, s := range m.by(config) {
				if s.Text != "" && (s.Origin == FromBlock) == fromBlock {
					return m, s, complete(config, m, s)
				}
			}
		}
	}
	return method{}, Setting{}, nothingChosen(config)
}

// ignored returns the settings of the provider block that ask for another
// method than the one that setting chose.
func ignored(config *Config, chosen Setting) []Setting {
	var out []Setting
	for _, m := range methods() {
		by := m.by(config)
		if slices.ContainsFunc(by, func(s Setting) bool { return s.Name == chosen.Name }) {
			continue
		}
		for _, s := range by {
			if s.Text != "" && s.Origin == FromBlock {
				out = append(out, s)
			}
		}
	}
	return out
}

// complete tells what the method lacks that setting chose.
func complete(config *Config, m method, by Setting) error {
	missing := unset(m.needs(config))
	if len(missing) == 0 {
		return nil
	}
	names := make([]string, len(missing))
	for i, s := range missing {
		names[i] = s.Name
	}
	verb := "is"
	if len(names) > 1 {
		verb = "are"
	}
	return &Error{
		Doing:    "signing in with " + m.name,
		Settings: missing,
		Problem:  fmt.Sprintf("%s asks for it, but %s %s not set", by, enumerate(names, "and"), verb),
	}
}

// nothingChosen lists every method with what it lacks.
func nothingChosen(config *Config) error {
	var b strings.Builder
	b.WriteString("no way to sign in is configured. Each of these takes attributes of the provider block or, in parentheses, environment variables:")
	for _, m := range methods() {
		var lacks []string
		if by := m.by(config); len(unset(by)) == len(by) {
			lacks = append(lacks, enumerate(hints(by), "or"))
		}
		lacks = append(lacks, hints(unset(m.needs(config)))...)
		fmt.Fprintf(&b, "\n  - %s lacks %s", m.name, enumerate(lacks, "and"))
	}
	return &Error{Problem: b.String()}
}

func unset(settings []Setting) []Setting {
	var out []Setting
	for _, s := range settings {
		if s.Text == "" {
			out = append(out, s)
		}
	}
	return out
}

func hints(settings []Setting) []string {
	out := make([]string, len(settings))
	for i, s := range settings {
		out[i] = s.hint()
	}
	return out
}

// enumerate writes "a", "a or b", "a, b or c".
func enumerate(words []string, conjunction string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " " + conjunction + " " + words[last]
}
