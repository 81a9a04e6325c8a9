// Package mde is the client of the Microsoft Defender for Endpoint API. It
// knows HTTP and Defender and has never heard of Terraform.
package mde

import (
	"log/slog"
	"net/http"

	"github.com/mde-as-code/terraform-provider-mde/internal/transport"
)

// Options configure a [Client].
type Options struct {
	// Endpoint is the API's base URL, for example
	// https://api.security.microsoft.com.
	Endpoint string
	// Tokens sign the requests.
	Tokens transport.TokenSource
	// TenantID returns the tenant that the token names, empty while that is
	// not known. It may be nil.
	TenantID  func() string
	UserAgent string
	Limits    transport.Limits
	// Logger may be nil.
	Logger *slog.Logger
	// Base sends the requests; nil means a transport of the client's own.
	Base http.RoundTripper
}

// Client gives the API's areas. It is safe for concurrent use.
type Client struct {
	Indicators     *Indicators
	LibraryFiles   *LibraryFiles
	LiveResponse   *LiveResponse
	MachineActions *MachineActions
	Machines       *Machines
}

// New builds a client. It makes no call.
func New(options Options) (*Client, error) { panic("contract") }

// TenantID returns the tenant that the client's token names: empty before the
// first call and when the token does not tell.
func (c *Client) TenantID() string { panic("contract") }
