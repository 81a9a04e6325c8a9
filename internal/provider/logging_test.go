package provider

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflogtest"
)

func TestLogger_masksSecretsWhereverTheyAre(t *testing.T) {
	t.Parallel()
	const secret, jwt = "Very~Secret.Value", "eyJhbGciOiJSUzI1NiJ9.eyJ0aWQiOiJ4In0.c2lnbmF0dXJl"
	secrets := &mask{}
	secrets.learn(" " + secret + "\n")
	secrets.learn("abc")
	var out bytes.Buffer
	ctx := tflogtest.RootLogger(t.Context(), &out)
	logger := newLogger(secrets).With("with", secret).WithGroup("group").With("inner", secret)
	logger.InfoContext(ctx, "message "+secret+" "+jwt,
		"text", "Authorization: Bearer opaque/token+value==",
		"link", "https://storage.example/r?sv=1&sig=AbC%2Fd%3D&se=2",
		"error", fmt.Errorf("wrapped: %w", errors.New("client_secret="+secret+"&x=y")),
		slog.Group("deep", "jwt", jwt, "number", 42),
		"wait", 90*time.Second, "abc", "abc")
	entry := out.String()
	for _, leak := range []string{secret, jwt, "opaque/token", "AbC%2Fd"} {
		if strings.Contains(entry, leak) {
			t.Errorf("the log holds %s: %s", leak, entry)
		}
	}
	for _, want := range []string{
		`"@message":"message *** ***"`, `"with":"***"`, `"group.inner":"***"`, `"group.deep.jwt":"***"`, `"group.deep.number":42`, `"group.wait":"1m30s"`, `"group.abc":"abc"`,
		`Bearer ***`, `sig=***`, `wrapped: client_secret=***`,
	} {
		if !strings.Contains(entry, want) {
			t.Errorf("the log lacks %s: %s", want, entry)
		}
	}
}

// TestMask_aSecretInASecret has one secret begin as another does.
func TestMask_aSecretInASecret(t *testing.T) {
	t.Parallel()
	secrets := &mask{}
	for _, secret := range []string{"hush", "hush-hush-hush", "hush-hush"} {
		secrets.learn(secret)
	}
	if got := secrets.text("a hush-hush-hush b hush-hush c hush"); got != "a *** b *** c ***" {
		t.Errorf("got %q", got)
	}
}

func TestLogger_keepsTheLevel(t *testing.T) {
	t.Parallel()
	for level, want := range map[slog.Level]string{slog.LevelDebug - 4: "trace", slog.LevelDebug: "debug", slog.LevelInfo: "info", slog.LevelWarn: "warn", slog.LevelError: "error"} {
		var out bytes.Buffer
		newLogger(&mask{}).Log(tflogtest.RootLogger(t.Context(), &out), level, "x")
		if !strings.Contains(out.String(), `"@level":"`+want+`"`) {
			t.Errorf("%v: got %s", level, out.String())
		}
	}
}
