package auth

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// maker signs in without a network. Each token lives for life and holds claims.
type maker struct {
	life   time.Duration
	takes  time.Duration
	claims string
	err    error
	made   int
}

// acquire implements signIn.
func (m *maker) acquire(ctx context.Context) (token, error) {
	m.made++
	if err := ctx.Err(); err != nil {
		return token{}, err
	}
	time.Sleep(m.takes)
	if m.err != nil {
		return token{}, m.err
	}
	payload := base64.RawURLEncoding.EncodeToString([]byte(m.claims))
	return token{text: fmt.Sprintf("header.%s.%d", payload, m.made), expires: time.Now().Add(m.life)}, nil
}

func sourceOf(m *maker, tenant string) *Source {
	return &Source{
		config: Config{TenantID: Setting{Name: "tenant_id", Text: tenant, Origin: FromBlock}, Logger: slog.New(slog.DiscardHandler), Learn: func(string) {}, Mask: func(text string) string { return text }},
		method: "a test",
		signIn: m,
	}
}

func TestSource_renewsBeforeTheEnd(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		life, served time.Duration
	}{{time.Hour, 55 * time.Minute}, {5 * time.Minute, 4*time.Minute - time.Second}, {2 * time.Second, 600 * time.Millisecond}} {
		synctest.Test(t, func(t *testing.T) {
			m := &maker{life: tt.life}
			source := sourceOf(m, "")
			use := func(want int) {
				t.Helper()
				if _, err := source.Token(t.Context()); err != nil || m.made != want {
					t.Errorf("life %v: %d sign-ins, %v; want %d", tt.life, m.made, err, want)
				}
			}
			use(1)
			use(1)
			time.Sleep(tt.served - time.Millisecond)
			use(1)
			time.Sleep(2 * time.Millisecond)
			use(2)
		})
	}
}

func TestSource_aFailedRenewalLeavesTheTokenInHand(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := &maker{life: time.Hour}
		source := sourceOf(m, "")
		first, _ := source.Token(t.Context())
		m.err = errors.New("down")
		time.Sleep(56 * time.Minute)
		if got, err := source.Token(t.Context()); got != first || err != nil {
			t.Errorf("got %v while the old token lives", err)
		}
		time.Sleep(5 * time.Minute)
		if _, err := source.Token(t.Context()); !errors.Is(err, m.err) {
			t.Errorf("got %v when it has ended", err)
		}
	})
}

func TestSource_remembersARefusalForAMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := &maker{life: time.Hour, err: &Error{Doing: "signing in", Code: "AADSTS7000215", final: true}}
		source := sourceOf(m, "")
		for range 3 {
			_, _ = source.Token(t.Context())
		}
		if m.made != 1 {
			t.Errorf("%d sign-ins, want 1", m.made)
		}
		time.Sleep(memory)
		m.err = nil // The secret has reached every server of Entra by now.
		if _, err := source.Token(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestSource_theSignInOutlivesItsFirstCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := &maker{life: time.Hour, takes: 2 * time.Second}
		source := sourceOf(m, "")
		impatient, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		go func() { _, _ = source.Token(impatient) }()
		synctest.Wait()
		if _, err := source.Token(t.Context()); err != nil || m.made != 1 {
			t.Errorf("%d sign-ins, %v", m.made, err)
		}
	})
}

func TestSource_refusesTheTokenOfAnotherTenant(t *testing.T) {
	t.Parallel()
	const ours, other = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
	for name, tt := range map[string]struct {
		claims, tenant string
		refused        bool
	}{
		"another tenant":                         {`{"tid":"` + other + `"}`, ours, true},
		"another tenant, written without dashes": {`{"tid":"` + other + `"}`, strings.ReplaceAll(ours, "-", ""), true},
		"the same, written without dashes":       {`{"tid":"` + ours + `"}`, strings.ReplaceAll(ours, "-", ""), false},
		"another tenant, beside odd claims":      {`{"tid":"` + other + `","roles":"Ti.ReadWrite.All","scp":["a"],"exp":"1","appid":7}`, ours, true},
		"the same":                               {`{"tid":"` + ours + `"}`, ours, false},
		"the same, shouted":                      {`{"tid":"ABCDEF11-1111-4111-8111-111111111111"}`, "abcdef11-1111-4111-8111-111111111111", false},
		"the token is silent":                    {`{}`, ours, false},
		"no JSON":                                {`?`, ours, false},
		"named by domain":                        {`{"tid":"` + other + `"}`, "contoso.onmicrosoft.com", false},
		"no tenant wanted":                       {`{"tid":"` + other + `"}`, "", false},
	} {
		_, err := sourceOf(&maker{life: time.Hour, claims: tt.claims}, tt.tenant).Token(t.Context())
		if (err != nil) != tt.refused {
			t.Errorf("%s: got %v", name, err)
		}
		if tt.refused && (!strings.Contains(err.Error(), tt.tenant) || !strings.Contains(err.Error(), other)) {
			t.Errorf("%s: the error names not both tenants: %v", name, err)
		}
	}
}

// TestClaimsOf_areReadOneByOne has claims of a form that Entra does not give them.
func TestClaimsOf_areReadOneByOne(t *testing.T) {
	t.Parallel()
	for payload, want := range map[string]claims{
		`{"tid":"t","appid":"a","roles":["x","y"],"exp":7.5}`: {readable: true, TenantID: "t", AppID: "a", Roles: []string{"x", "y"}, Expires: 7.5},
		`{"tid":"t","azp":"a","scp":"x y","exp":"7"}`:         {readable: true, TenantID: "t", AppID: "a", Scopes: []string{"x", "y"}, Expires: 7},
		`{"appid":"a","azp":"b","roles":"x","scp":["y","z"]}`: {readable: true, AppID: "a", Roles: []string{"x"}, Scopes: []string{"y", "z"}},
		`{"tid":7,"appid":null,"exp":"soon"}`:                 {readable: true},
		`{"tid":"t","roles":{"x":true}}`:                      {TenantID: "t"}, // What it permits cannot be told.
		`{}`:                                                  {readable: true},
		`[]`:                                                  {},
		`null`:                                                {},
		`?`:                                                   {},
	} {
		got := claimsOf("h." + base64.RawURLEncoding.EncodeToString([]byte(payload)) + ".s")
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, want %+v", payload, got, want)
		}
	}
}

func TestReadyToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		jwt := func(life time.Duration) string {
			payload := fmt.Sprintf(`{"tid":"t","exp":%d}`, time.Now().Add(life).Unix())
			return "h." + base64.RawURLEncoding.EncodeToString([]byte(payload)) + ".s"
		}
		for text, expired := range map[string]bool{"opaque": false, " opaque\n": false, jwt(time.Hour): false, jwt(-time.Hour): true} {
			source, err := New(t.Context(), Config{AccessToken: Setting{Name: "access_token", Text: text, Origin: FromBlock}})
			if err != nil {
				t.Fatal(err)
			}
			got, err := source.Token(t.Context())
			if (err != nil) != expired || !expired && got != strings.TrimSpace(text) {
				t.Errorf("%q: got %q, %v", text, got, err)
			}
			if expired && !strings.Contains(err.Error(), "the token expired at 1999-12-31T23:00:00Z, and the clock of this machine says 2000-01-01T00:00:00Z") {
				t.Errorf("got %v", err)
			}
			source.Reject(got)
			if again, err := source.Token(t.Context()); again != got && err == nil {
				t.Errorf("a ready token is replaced by %q", again)
			}
		}
	})
}

func TestSetting_printsNoSecret(t *testing.T) {
	t.Parallel()
	secret := Setting{Name: "client_secret", Text: "hush-hush", Origin: FromVariable("ARM_CLIENT_SECRET")}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "setting", secret, "config", Config{ClientSecret: secret})
	for _, text := range []string{fmt.Sprint(secret), fmt.Sprintf("%+v %#v", secret, secret), fmt.Sprintf("%v %+v %#v", Config{ClientSecret: secret}, Config{ClientSecret: secret}, Config{ClientSecret: secret}), log.String()} {
		if strings.Contains(text, "hush-hush") || !strings.Contains(text, "ARM_CLIENT_SECRET") {
			t.Errorf("got %s", text)
		}
	}
}
