package auth

import (
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	msal "github.com/AzureAD/microsoft-authentication-library-for-go/apps/errors"
)

// Error is a failed sign-in, or settings with which none can succeed. Its text
// is complete by itself and holds no secret.
type Error struct {
	// Doing is what failed: "signing in with the client secret". It may be
	// empty.
	Doing string
	// Problem says what is wrong, in one sentence or list without a full stop.
	Problem string
	// Settings are those to look at, the likeliest first. There may be none.
	Settings []Setting
	// Code is Entra's: AADSTS7000215. It is empty when Entra did not answer.
	Code string
	// TraceID and CorrelationID are what Microsoft support asks for.
	TraceID, CorrelationID string

	// final says that signing in again with the same settings is bound to fail
	// again, passing that it may well succeed in a moment.
	final, passing bool
}

// masked takes the secrets out of an error that quotes others.
func (c *Config) masked(err error) error {
	var e *Error
	if errors.As(err, &e) {
		e.Problem, e.TraceID, e.CorrelationID = c.Mask(e.Problem), c.Mask(e.TraceID), c.Mask(e.CorrelationID)
	}
	return err
}

// Error implements error.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Doing != "" {
		b.WriteString(e.Doing + ": ")
	}
	b.WriteString(e.Problem + ".")
	if len(e.Settings) > 0 {
		advice := make([]string, len(e.Settings))
		for i, s := range e.Settings {
			advice[i] = s.Advice()
		}
		fmt.Fprintf(&b, " Check %s.", enumerate(advice, "and"))
	}
	if e.TraceID != "" || e.CorrelationID != "" {
		fmt.Fprintf(&b, " [trace id %s, correlation id %s]", e.TraceID, e.CorrelationID)
	}
	return b.String()
}

// entra is the body of a refused token request.
type entra struct {
	Description   string `json:"error_description"`
	Codes         []int  `json:"error_codes"`
	TraceID       string `json:"trace_id"`
	CorrelationID string `json:"correlation_id"`
}

// code finds Entra's code in a description.
var code = regexp.MustCompile(`AADSTS\d+`)

// explain turns what MSAL returns into an [*Error]. It takes nothing over that
// MSAL formats from a request or from an answer with a token in it.
func (a *application) explain(err error) error {
	var own *Error
	if errors.As(err, &own) {
		return own
	}
	e := &Error{Doing: "signing in with " + a.method, Settings: []Setting{a.config.AuthorityHost}}
	var call msal.CallErr
	var mangled msal.InvalidJsonErr
	var network *url.Error
	switch {
	case errors.As(err, &call):
		a.refused(e, call.Resp)
	case errors.As(err, &mangled):
		e.Problem = "the answer of the authority is not JSON, as if a proxy had given it"
	case errors.As(err, &network):
		e.Problem = fmt.Sprintf("%s cannot be reached: %s", a.config.AuthorityHost.Text, network.Err)
	default:
		e.Problem = err.Error()
	}
	e.Problem = strings.TrimRight(e.Problem, ". \n")
	return e
}

// refused reads Entra's answer, whose body MSAL has put into memory.
func (a *application) refused(e *Error, resp *http.Response) {
	var body entra
	if err := json.NewDecoder(resp.Body).Decode(&body); err != nil || body.Description == "" {
		e.Problem = fmt.Sprintf("%s answers %d %s without an explanation, as if a proxy had given it", a.config.AuthorityHost.Text, resp.StatusCode, http.StatusText(resp.StatusCode))
		return
	}
	said := a.config.Mask(body.Description) // As it was written, before a line is made of it.
	text, _, _ := strings.Cut(strings.Join(strings.Fields(said), " "), " Trace ID:")
	e.Code, e.Problem = code.FindString(text), text
	e.TraceID, e.CorrelationID = body.TraceID, body.CorrelationID
	if e.Code == "" && len(body.Codes) > 0 {
		e.Code = fmt.Sprintf("AADSTS%d", body.Codes[0])
	}
	if resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode >= http.StatusInternalServerError {
		e.Code, e.Settings = "", nil // Busy, which no setting mends.
		return
	}
	e.Settings, e.final = a.culprits(e.Code), true
	e.Problem = strings.TrimRight(e.Problem, ". ") + clockHint(resp, time.Now())
}

// tolerance is how far a clock may be off before it is worth a word; Entra
// itself bears five minutes.
const tolerance = 2 * time.Minute

// clockHint says so when the clocks of this machine and of the authority
// differ: assertions are then out of date or not yet valid.
func clockHint(resp *http.Response, now time.Time) string {
	theirs, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return ""
	}
	switch off := now.Sub(theirs).Round(time.Second); {
	case off > tolerance:
		return fmt.Sprintf(". The clock of this machine is %s ahead of the authority's; set it right", off)
	case off < -tolerance:
		return fmt.Sprintf(". The clock of this machine is %s behind the authority's; set it right", -off)
	}
	return ""
}

// culprits returns the settings that a code of Entra points at.
// https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes
func (a *application) culprits(code string) []Setting {
	c := a.config
	switch code {
	case "AADSTS90002", "AADSTS900023", "AADSTS50059", "AADSTS900021":
		return []Setting{c.TenantID}
	case "AADSTS700016", "AADSTS7000112":
		return []Setting{c.ClientID, c.TenantID}
	case "AADSTS7000215", "AADSTS7000222", "AADSTS700027", "AADSTS700024", "AADSTS50012", "AADSTS50027", "AADSTS700211", "AADSTS700212", "AADSTS700213":
		return []Setting{a.proof}
	case "AADSTS1002012", "AADSTS500011", "AADSTS70011":
		return []Setting{c.TokenScope}
	}
	return []Setting{c.TenantID, c.ClientID, a.proof}
}

func untrusted(err error) bool {
	var refused *tls.CertificateVerificationError
	return errors.As(err, &refused)
}
