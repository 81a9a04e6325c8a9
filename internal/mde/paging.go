package mde

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// pageSize is the largest page that the service gives.
const pageSize = 10_000

// maxPages bounds a list whose links never end.
const maxPages = 1_000

// page is one answer of a list call.
type page[T any] struct {
	Value    []T
	NextLink string
}

// decode reads a page entity by entity, so that the text of ten thousand does
// not lie in memory beside what was read from it.
func (p *page[T]) decode(decoder *json.Decoder) error {
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return cmp.Or(err, errNoList)
	}
	listed := false
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return inside(err)
		}
		key, _ := name.(string)
		var other json.RawMessage
		switch strings.ToLower(key) {
		case "value":
			listed, err = true, p.decodeValue(decoder)
		case "@odata.nextlink":
			err = decoder.Decode(&p.NextLink)
		default:
			err = decoder.Decode(&other)
		}
		if err != nil {
			return inside(err)
		}
	}
	if _, err := decoder.Token(); err != nil || !listed {
		return cmp.Or(inside(err), errNoList)
	}
	return nil
}

func (p *page[T]) decodeValue(decoder *json.Decoder) error {
	start, err := decoder.Token()
	if err != nil || start == nil {
		return err
	}
	if start != json.Delim('[') {
		return errNoList
	}
	for decoder.More() {
		var entity T
		if err := decoder.Decode(&entity); err != nil {
			return err
		}
		p.Value = append(p.Value, entity)
	}
	_, err = decoder.Token()
	return err
}

var errNoList = errors.New("it holds no list of values")

// inside tells an answer that breaks off from one that is empty.
func inside(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// list yields the entities that match the filter, all when it is empty.
func list[T any](ctx context.Context, c *Client, op string, path []string, filter string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		query := url.Values{"$top": {strconv.Itoa(pageSize)}}
		if filter != "" {
			query.Set("$filter", filter)
		}
		pages[T](ctx, c, op, path, query)(yield)
	}
}

// pages yields the entities of all pages: by the nextLink of each, or by $skip
// where as many entities have come as the service gives and there is none.
func pages[T any](ctx context.Context, c *Client, op string, path []string, query url.Values) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		next := call{op: op, method: http.MethodGet, path: path, query: query, traits: safe}
		for seen, skipped, n := 0, 0, 1; ; n++ {
			var got page[T]
			if err := c.do(ctx, next, &got); err != nil {
				yield(zero, err)
				return
			}
			for _, entity := range got.Value {
				if !yield(entity, nil) {
					return
				}
			}
			seen += len(got.Value)
			switch {
			case n == maxPages:
				yield(zero, &Error{Op: op, Method: http.MethodGet, Err: errors.New("the service's list does not end")})
				return
			case got.NextLink != "":
				link, err := c.nextLink(got.NextLink)
				if err != nil {
					yield(zero, &Error{Op: op, Method: http.MethodGet, Err: err})
					return
				}
				next.url = link
			case seen-skipped >= pageSize:
				// The service may have given them in several smaller pages.
				skipped = seen
				query.Set("$skip", strconv.Itoa(seen))
				next.url = nil
			default:
				return
			}
		}
	}
}

// defenderDomains are where the service's own links may lead; regional hosts
// lie below them.
var defenderDomains = []string{"security.microsoft.com", "securitycenter.microsoft.com", "securitycenter.windows.com", "securitycenter.microsoft.us", "security.microsoft.us"}

// nextLink checks a link before the token is sent to it: the endpoint's own
// host, or https on a Defender host.
func (c *Client) nextLink(text string) (*url.URL, error) {
	link, err := c.endpoint.Parse(text)
	if err != nil {
		return nil, errors.New("the service's link to the next page is not a URL")
	}
	host := authority(link)
	if link.Scheme == c.endpoint.Scheme && host == authority(c.endpoint) {
		return link, nil
	}
	if link.Scheme == "https" && !isLoopback(c.endpoint.Hostname()) {
		for _, domain := range defenderDomains {
			if host == domain || strings.HasSuffix(host, "."+domain) {
				return link, nil
			}
		}
	}
	return nil, fmt.Errorf("the service's link to the next page leads to %s, which is not a Defender host; the provider does not send its token there", link.Host)
}

// authority is the URL's host, with the port where it is not the scheme's own.
func authority(u *url.URL) string {
	host := strings.ToLower(u.Host)
	if port := u.Port(); u.Scheme == "https" && port == "443" || u.Scheme == "http" && port == "80" {
		return strings.TrimSuffix(host, ":"+port)
	}
	return host
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// Quote writes text as a string of an OData filter.
func Quote(text string) string {
	return "'" + strings.ReplaceAll(text, "'", "''") + "'"
}

// anyOf is the filter that field equals one of values.
func anyOf(field string, values []string) string {
	terms := make([]string, len(values))
	for i, value := range values {
		terms[i] = field + " eq " + Quote(value)
	}
	return strings.Join(terms, " or ")
}

// collect reads a whole list.
func collect[T any](seq iter.Seq2[T, error]) ([]T, error) {
	var out []T
	for entity, err := range seq {
		if err != nil {
			return nil, err
		}
		out = append(out, entity)
	}
	return out, nil
}
