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
	ClientSecretFilePath      Setting
	ClientCertificate         Setting
	ClientCertificatePath     Setting
	ClientCertificatePassword Setting
	UseOIDC                   Setting
	OIDCToken                 Setting
	OIDCTokenFilePath         Setting
	OIDCRequestURL            Setting
	OIDCRequestToken          Setting
	ADOServiceConnectionID    Setting
	UseMSI                    Setting
	MSIClientID               Setting
	UseCLI                    Setting
	AccessToken               Setting
	// AuthorityHost is the https URL of the host that issues tokens, TokenScope
	// what they are asked for. Both are always set.
	AuthorityHost Setting
	TokenScope    Setting

	// AzureCLI is the path of the program az, empty when there is none.
	AzureCLI string
	// Base sends the token requests, UserAgent says for whom.
	Base      http.RoundTripper
	UserAgent string
	// Logger may be nil.
	Logger *slog.Logger
	// Learn, which may be nil, is told every secret before it is used, so that
	// logs can mask it. Mask, which may be nil, masks what was learned: errors
	// quote what others say.
	Learn func(secret string)
	Mask  func(text string) string
}

// Setting is one value of the configuration and where it was found. Printing
// it tells its name and origin and never its text, which may be a secret.
type Setting struct {
	// Name is the provider's attribute.
	Name string
	// Variables are the environment variables that stand in for it.
	Variables []string
	// Text is the value; empty means unset. Of a switch it is "true" or "false".
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

// Advice says where the setting was found, and what else can set it.
func (s Setting) Advice() string {
	switch {
	case s.Text == "":
		return s.hint()
	case s.Origin == FromBlock && len(s.Variables) > 0:
		return fmt.Sprintf("%s (from %s; the environment can set it by %s)", s.Name, s.Origin, enumerate(s.Variables, "or"))
	}
	return s.String()
}

// first returns the setting that counts of several that stand for one: the
// first of the provider block, else the first that is set at all.
func first(settings ...Setting) Setting {
	for _, s := range settings {
		if s.Text != "" && s.Origin == FromBlock {
			return s
		}
	}
	for _, s := range settings {
		if s.Text != "" {
			return s
		}
	}
	return Setting{}
}

// method is one way to sign in.
type method struct {
	// name completes "signing in with …", word stands for it in one word.
	name, word string
	// flag, which may be nil, is the setting that turns the method on and off.
	flag func(*Config) Setting
	// by holds the other settings of which any chooses the method.
	by func(*Config) []Setting
	// hint, which may be nil, tells of a setting that it is there for whoever
	// wants it, and chooses the method only if nothing else is missing.
	hint func(Setting) bool
	// needs holds the other settings that the method cannot do without.
	needs func(*Config) []Setting
	// standby, which may be nil, lets the method step in when nothing chooses
	// any, and names what it lacks for that besides settings.
	standby func(*Config) []string
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
	return []method{accessTokenMethod(), clientSecretMethod(), certificateMethod(), federationMethod(), managedIdentityMethod(), azureCLIMethod()}
}

// choosers returns all settings that can choose the method.
func (m method) choosers(c *Config) []Setting {
	if m.flag == nil {
		return m.by(c)
	}
	return append([]Setting{m.flag(c)}, m.by(c)...)
}

// off tells whether the method is turned off.
func (m method) off(c *Config) bool { return m.flag != nil && m.flag(c).Text == "false" }

// asking returns the settings that do choose the method.
func (m method) asking(c *Config) []Setting {
	if m.off(c) {
		return nil
	}
	missing := len(unset(m.needs(c))) > 0
	return slices.DeleteFunc(m.choosers(c), func(s Setting) bool {
		return s.Text == "" || missing && m.hint != nil && m.hint(s)
	})
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
	if config.Mask == nil {
		config.Mask = func(text string) string { return text }
	}
	chosen, by, err := choose(&config)
	if err != nil {
		return nil, err
	}
	in, err := chosen.open(&config)
	if err != nil {
		return nil, config.masked(err)
	}
	config.Logger.DebugContext(ctx, "Tokens come from signing in with "+chosen.name, slog.Any("because", by), slog.String("settings", config.origins()))
	return &Source{config: config, method: chosen.name, word: chosen.word, because: because(by), ignored: ignored(&config, chosen.name), signIn: in}, nil
}

// origins says of every setting that is set where it comes from.
func (c *Config) origins() string {
	var all []string
	for _, s := range []Setting{
		c.TenantID, c.ClientID, c.ClientSecret, c.ClientSecretFilePath, c.ClientCertificate, c.ClientCertificatePath, c.ClientCertificatePassword,
		c.UseOIDC, c.OIDCToken, c.OIDCTokenFilePath, c.OIDCRequestURL, c.OIDCRequestToken, c.ADOServiceConnectionID,
		c.UseMSI, c.MSIClientID, c.UseCLI, c.AccessToken, c.AuthorityHost, c.TokenScope,
	} {
		if s.Text != "" {
			all = append(all, s.String())
		}
	}
	return strings.Join(all, ", ")
}

// because says which setting has chosen the way to sign in.
func because(by Setting) string {
	if by.Text == "" {
		return "as nothing else is configured"
	}
	return "which " + by.String() + " asks for"
}

// choose takes the first method that a setting of the provider block asks for,
// else the first that the environment asks for, else the one that stands by. It
// returns the setting that decided, too.
func choose(config *Config) (method, Setting, error) {
	for _, fromBlock := range []bool{true, false} {
		for _, m := range methods() {
			for _, s := range m.asking(config) {
				if (s.Origin == FromBlock) == fromBlock {
					return m, s, complete(config, m, s)
				}
			}
		}
	}
	for _, m := range methods() {
		if m.standby != nil && !m.off(config) && len(m.missing(config)) == 0 {
			return m, m.flag(config), nil
		}
	}
	return method{}, Setting{}, &Error{Problem: "no way to sign in is configured. " + alternatives(config)}
}

// ignored returns the settings of the provider block that ask for another
// method than the chosen one.
func ignored(config *Config, chosen string) []Setting {
	var out []Setting
	for _, m := range methods() {
		for _, s := range m.asking(config) {
			if m.name != chosen && s.Origin == FromBlock {
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

// alternatives lists every method that lacks something, with what it lacks.
func alternatives(config *Config) string {
	var b strings.Builder
	b.WriteString("Each of these takes attributes of the provider block or, in parentheses, environment variables:")
	for _, m := range methods() {
		if m.off(config) || len(m.missing(config)) > 0 {
			fmt.Fprintf(&b, "\n  - %s %s", m.name, m.lacks(config))
		}
	}
	return b.String()
}

// lacks says what keeps the method from being chosen.
func (m method) lacks(c *Config) string {
	if m.off(c) {
		return "is turned off by " + m.flag(c).String()
	}
	return "lacks " + strings.Join(m.missing(c), "; ")
}

// missing names all that a method lacks.
func (m method) missing(c *Config) []string {
	var out []string
	if choosers := m.choosers(c); m.standby == nil && len(unset(choosers)) == len(choosers) {
		out = append(out, enumerate(hints(choosers), "or"))
	}
	out = append(out, hints(unset(m.needs(c)))...)
	if m.standby != nil {
		out = append(out, m.standby(c)...)
	}
	return out
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
