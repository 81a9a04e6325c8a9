// Package mde is the client of the Microsoft Defender for Endpoint API: one
// file for each area, wire types first. It knows HTTP and Defender and refuses
// to know Terraform. Many callers may ask for one thing each; that their reads
// and writes travel in shared calls is the client's business and not theirs.
package mde

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/mde-as-code/terraform-provider-mde/internal/transport"
)

const (
	// maxAnswer bounds an answer: a full page of 10,000 indicators with long
	// texts stays well below.
	maxAnswer = 128 << 20
	// maxErrorBody bounds what is read of an error's body.
	maxErrorBody = 64 << 10
	// settleTimeout bounds the reading that settles a write whose own context
	// has ended.
	settleTimeout = 30 * time.Second
	// maxReads bounds how often a read is made whose answer breaks off, and
	// rereadPause lies between: the transport has handed the answer over by then.
	maxReads    = 4
	rereadPause = 2 * time.Second
)

// Options configure a [Client].
type Options struct {
	// Endpoint is the API's base URL, for example
	// https://api.security.microsoft.com.
	Endpoint string
	// Tokens sign the requests.
	Tokens transport.TokenSource
	// Identity returns what the token in hand says of itself. It may be nil.
	Identity  func() Identity
	UserAgent string
	Limits    transport.Limits
	// ConcurrentRuns is how many live-response runs may go on at once, 0 for
	// no limit.
	ConcurrentRuns int
	// Logger may be nil.
	Logger *slog.Logger
	// Base sends the requests.
	Base http.RoundTripper
	// Mask, which may be nil, masks secrets in what the service says.
	Mask func(string) string
	// Working, which may be nil, is called when a call begins, waits included,
	// and what it returns when the call ends.
	Working func() (done func())
}

// Client gives the API's areas. It is safe for concurrent use.
type Client struct {
	Indicators     *Indicators
	LibraryFiles   *LibraryFiles
	LiveResponse   *LiveResponse
	MachineActions *MachineActions
	Machines       *Machines

	endpoint *url.URL
	tokens   transport.TokenSource
	identity func() Identity
	mask     func(string) string
	working  func() (done func())
	said     sync.Map
	log      *slog.Logger
	// api signs its requests; storage, for result links, does not.
	api, storage *http.Client
}

// New builds a client. It makes no call.
func New(options Options) (*Client, error) {
	endpoint, err := url.Parse(strings.TrimRight(options.Endpoint, "/"))
	if err != nil || endpoint.Host == "" {
		return nil, fmt.Errorf("the endpoint %q is not a URL", options.Endpoint)
	}
	logger := options.Logger
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	signed := transport.Options{Base: options.Base, Tokens: options.Tokens, Limits: options.Limits, UserAgent: options.UserAgent, Logger: logger}
	unsigned := transport.Options{Base: options.Base, UserAgent: options.UserAgent, Logger: logger}
	c := &Client{
		endpoint: endpoint,
		tokens:   options.Tokens,
		identity: options.Identity,
		mask:     options.Mask,
		working:  options.Working,
		log:      logger,
		api:      &http.Client{Transport: transport.New(signed), CheckRedirect: sameHostOnly},
		storage:  &http.Client{Transport: transport.New(unsigned), CheckRedirect: sameHostOnly},
	}
	if c.working == nil {
		c.working = func() func() { return func() {} }
	}
	c.Indicators = newIndicators(c)
	c.LibraryFiles = newLibraryFiles(c)
	c.LiveResponse = &LiveResponse{client: c, announced: announced{limit: options.Limits.LiveResponseRunsPerMinute, keys: map[string]bool{}}}
	c.MachineActions = newMachineActions(c, options.ConcurrentRuns)
	c.Machines = &Machines{client: c}
	return c, nil
}

// errRedirect is the error of a redirect that would carry the token away.
var errRedirect = errors.New("the service redirects to another host, which the provider refuses because it would carry the token away; check the provider's endpoint")

func sameHostOnly(req *http.Request, via []*http.Request) error {
	first := via[0].URL
	if req.URL.Host != first.Host || req.URL.Scheme != first.Scheme {
		return errRedirect
	}
	if len(via) > 3 {
		return errors.New("the service redirects more than three times")
	}
	return nil
}

// call is one request to the API.
type call struct {
	// op is "verb object", for errors and logs.
	op     string
	method string
	// path holds the unescaped segments after the endpoint.
	path  []string
	query url.Values
	// url replaces path and query: a nextLink, already checked.
	url *url.URL
	// body is encoded as JSON, or sent as it is when contentType is set.
	body        any
	contentType string
	traits      transport.Traits
}

// safe are the traits of reads.
var safe = transport.Traits{Replay: transport.ReplaySafe}

// do sends a call and decodes its answer into out, which may be nil. Every
// failure is an [*Error].
func (c *Client) do(ctx context.Context, call call, out any) error {
	defer c.working()()
	for reads := 1; ; reads++ {
		err := c.once(ctx, call, out)
		if !errors.Is(err, errCut) || call.traits.Replay != transport.ReplaySafe || reads == maxReads || transport.Sleep(ctx, rereadPause) != nil {
			return err
		}
		reflect.ValueOf(out).Elem().SetZero() // Half of it may be there.
	}
}

func (c *Client) once(ctx context.Context, call call, out any) error {
	req, err := c.request(transport.WithTraits(ctx, call.traits), call)
	if err != nil {
		return &Error{Op: call.op, Method: call.method, Err: err}
	}
	fail := &Error{Op: call.op, Method: req.Method, Path: req.URL.Path}
	if fail.Err = c.permit(ctx, call.path); fail.Err != nil {
		return fail
	}
	resp, err := c.api.Do(req)
	if err != nil {
		fail.Err = lost(call.method, bare(err))
		return fail
	}
	defer drain(resp.Body)
	if resp.StatusCode >= 300 {
		return c.refused(fail, resp)
	}
	if out == nil {
		return nil
	}
	if err := decode(resp, out); err != nil {
		fail.Status = resp.StatusCode
		fail.Err = lost(call.method, err)
		return fail
	}
	return nil
}

// lost marks a failure after which nobody knows whether the service has acted.
// Of a read that does not matter, and a request that was never sent has had no
// effect.
func lost(method string, err error) error {
	if method == http.MethodGet || errors.Is(err, transport.ErrNotSent) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrOutcomeUnknown, err)
}

var errHungUp = errors.New("the connection was closed before an answer came")

// bare takes away the wrapping of net/http, whose text holds the query, and says
// what an EOF means.
func bare(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	if err == io.EOF { //nolint:errorlint // The words of an error that wraps it say more.
		return errHungUp
	}
	return err
}

func (c *Client) request(ctx context.Context, call call) (*http.Request, error) {
	target := call.url
	if target == nil {
		target = c.target(call.path, call.query)
	}
	var body io.Reader
	contentType := call.contentType
	switch b := call.body.(type) {
	case nil:
	case []byte:
		body = bytes.NewReader(b)
	default:
		encoded, err := json.Marshal(b)
		if err != nil {
			return nil, err
		}
		body, contentType = bytes.NewReader(encoded), "application/json"
	}
	req, err := http.NewRequestWithContext(ctx, call.method, target.String(), body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	return req, nil
}

// target escapes the segments one by one, so that no name can change the path.
// Parentheses stay as OData writes them.
func (c *Client) target(path []string, query url.Values) *url.URL {
	target := *c.endpoint
	var raw strings.Builder
	raw.WriteString(strings.TrimRight(target.EscapedPath(), "/"))
	for _, segment := range path {
		raw.WriteByte('/')
		raw.WriteString(strings.NewReplacer("%28", "(", "%29", ")").Replace(url.PathEscape(segment)))
	}
	target.RawPath = raw.String()
	target.Path, _ = url.PathUnescape(target.RawPath) // What PathEscape wrote can be read.
	target.RawQuery = encodeQuery(query)
	return &target
}

// encodeQuery writes spaces as %20, for not every OData parser takes a plus, and
// the dollar of query options as it is, for people who read it.
func encodeQuery(query url.Values) string {
	return strings.NewReplacer("+", "%20", "%24", "$").Replace(query.Encode())
}

// refused reads an answer that says no.
func (c *Client) refused(fail *Error, resp *http.Response) error {
	fail.Status = resp.StatusCode
	fail.RetryAfter = transport.RetryAfter(resp)
	data, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody)) // Half a body may still say why.
	var body struct {
		Error struct {
			Code    string `json:"code"`
			Message string `json:"message"`
			Target  string `json:"target"`
		} `json:"error"`
	}
	if json.Unmarshal(data, &body) == nil {
		fail.Code, fail.Message, fail.CorrelationID = body.Error.Code, strings.TrimSpace(body.Error.Message), body.Error.Target
	}
	if fail.CorrelationID == "" {
		fail.CorrelationID = resp.Header.Get("mise-correlation-id")
	}
	if fail.Code == "" && fail.Message == "" && len(data) > 0 {
		fail.Message = fmt.Sprintf("the answer is %s instead of the API's JSON; is there a proxy in between?", mediaType(resp))
	}
	fail.Code, fail.Message, fail.CorrelationID = c.masked(fail.Code), c.masked(fail.Message), c.masked(fail.CorrelationID)
	if resp.StatusCode == http.StatusUnauthorized {
		fail.SignIn = c.Identity().SignIn
	}
	if resp.StatusCode >= http.StatusInternalServerError && fail.Method != http.MethodGet {
		fail.Err = ErrOutcomeUnknown
	}
	return fail
}

// masked is what the service says, without secrets: it may echo what it was sent.
func (c *Client) masked(said string) string {
	if c.mask == nil {
		return said
	}
	return c.mask(said)
}

// errCut is the error of an answer that breaks off.
var errCut = errors.New("the answer is cut short")

// breaking is a body that keeps the error in which it broke off.
type breaking struct {
	io.Reader
	err error
}

// Read implements io.Reader.
func (b *breaking) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		b.err = err
	}
	return n, err
}

// decode reads one JSON document of bounded size.
func decode(resp *http.Response, out any) error {
	body := &breaking{Reader: resp.Body}
	limited := &io.LimitedReader{R: body, N: maxAnswer}
	decoder := json.NewDecoder(limited)
	var err error
	if one, ok := out.(interface{ decode(*json.Decoder) error }); ok {
		err = one.decode(decoder)
	} else {
		err = decoder.Decode(out)
	}
	switch {
	case err == nil:
		return nil
	case limited.N <= 0:
		return fmt.Errorf("the answer is larger than %d MB", maxAnswer>>20)
	case errors.Is(err, io.EOF):
		return errors.New("the answer is empty")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errCut
	case body.err != nil:
		return fmt.Errorf("%w: %w", errCut, body.err)
	}
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Errorf("the answer is %s instead of the API's JSON; is there a proxy in between?", mediaType(resp))
	}
	return fmt.Errorf("the answer cannot be read: %w", err)
}

func mediaType(resp *http.Response) string {
	media, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err != nil {
		return "of an unknown type"
	}
	return media
}

// drain lets the connection be used again.
func drain(body io.ReadCloser) {
	_, _ = io.CopyN(io.Discard, body, maxErrorBody)
	_ = body.Close()
}
