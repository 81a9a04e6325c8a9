package mdesim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// maxTop is the largest page that the API grants.
const maxTop = 10_000

// entitySet describes a collection to the OData queries.
type entitySet[T any] struct {
	name string
	// properties that can be filtered and ordered by.
	properties map[string]func(T) any
	// wire turns a row into what is answered.
	wire func(T) any
}

// query is the OData part of a list call.
type query struct {
	filter, orderBy string
	selected        []string
	// top is negative when the call names none.
	top, skip int
	count     bool
}

func odataError(format string, args ...any) *apiError {
	return badRequest("ODataError", format, args...)
}

// parseQuery reads the query options and refuses unknown ones.
func parseQuery(raw string) (query, error) {
	q := query{top: -1}
	values, err := url.ParseQuery(raw)
	if err != nil {
		return q, odataError("The query string is malformed.")
	}
	for name, all := range values {
		value := all[0]
		switch name {
		case "$filter":
			q.filter = value
		case "$orderby":
			q.orderBy = value
		case "$select":
			q.selected = strings.FieldsFunc(value, func(c rune) bool { return c == ',' || c == ' ' })
		case "$count":
			q.count = value == "true"
		case "$top":
			q.top, err = parseCount(name, value, maxTop)
		case "$skip":
			q.skip, err = parseCount(name, value, 1<<31)
		default:
			if strings.HasPrefix(name, "$") {
				err = odataError("The query parameter '%s' is not supported.", name)
			}
		}
		if err != nil {
			return q, err
		}
	}
	return q, nil
}

func parseCount(name, value string, largest int) (int, error) {
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 || n > largest {
		return 0, odataError("Invalid value '%s' for %s query option found. The %s query option requires an integer between 0 and %d.", value, name, name, largest)
	}
	return n, nil
}

// known refuses what the set cannot be filtered or ordered by.
func (e entitySet[T]) known(name string) error {
	if e.properties[name] == nil {
		return fmt.Errorf("the property '%s' cannot be used in the query option", name)
	}
	return nil
}

// list is the answer to a list call over rows.
func list[T any](r *request, options Options, set entitySet[T], rows []T) response {
	q, err := parseQuery(r.http.URL.RawQuery)
	if err != nil {
		return failed(err)
	}
	if rows, err = set.narrow(q, rows); err != nil {
		return failed(err)
	}
	answer := listAnswer{Context: r.metadata(set.name), Value: []any{}}
	if q.count {
		count := len(rows)
		answer.Count = &count
	}
	rows = rows[min(q.skip, len(rows)):]
	if q.top >= 0 {
		rows = rows[:min(q.top, len(rows))]
	}
	if len(rows) > options.PageSize {
		rows = rows[:options.PageSize]
		if !options.NoNextLink {
			answer.NextLink = nextLink(r, q, options.PageSize)
		}
	}
	for _, row := range rows {
		value := set.wire(row)
		if q.selected != nil {
			if value, err = pick(value, q.selected); err != nil {
				return failed(err)
			}
		}
		answer.Value = append(answer.Value, value)
	}
	return odata(http.StatusOK, answer)
}

type listAnswer struct {
	Context  string `json:"@odata.context"`
	Count    *int   `json:"@odata.count,omitempty"`
	Value    []any  `json:"value"`
	NextLink string `json:"@odata.nextLink,omitempty"`
}

// narrow applies filter and order.
func (e entitySet[T]) narrow(q query, rows []T) ([]T, error) {
	if q.filter != "" {
		matches, err := parseFilter(q.filter, e.known)
		if err != nil {
			return nil, odataError("The query specified in the URI is not valid. %s.", err)
		}
		rows = slices.DeleteFunc(rows, func(row T) bool {
			return !matches(func(name string) any { return e.properties[name](row) })
		})
	}
	if q.orderBy == "" {
		return rows, nil
	}
	name, direction, _ := strings.Cut(q.orderBy, " ")
	if err := e.known(name); err != nil || !slices.Contains([]string{"", "asc", "desc"}, direction) {
		return nil, odataError("The query specified in the URI is not valid. The order '%s' is not supported.", q.orderBy)
	}
	property := e.properties[name]
	slices.SortStableFunc(rows, func(a, b T) int {
		order, ordered := orderOf(property(a), property(b))
		if !ordered && property(a) == nil {
			order = -1
		} else if !ordered {
			order = 1
		}
		if direction == "desc" {
			return -order
		}
		return order
	})
	return rows, nil
}

// nextLink is the call for the rows after a full page.
func nextLink(r *request, q query, page int) string {
	values := r.http.URL.Query()
	values.Set("$skip", strconv.Itoa(q.skip+page))
	if q.top >= 0 {
		values.Set("$top", strconv.Itoa(q.top-page))
	}
	return r.base + r.http.URL.Path + "?" + values.Encode()
}

// pick keeps the selected properties of a row.
func pick(row any, selected []string) (any, error) {
	text, err := json.Marshal(row)
	if err != nil {
		return nil, err
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, err
	}
	kept := map[string]json.RawMessage{}
	for _, name := range selected {
		value, ok := all[name]
		if !ok {
			return nil, odataError("The query specified in the URI is not valid. Could not find a property named '%s'.", name)
		}
		kept[name] = value
	}
	return kept, nil
}
