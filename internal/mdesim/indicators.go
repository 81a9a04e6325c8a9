package mdesim

import (
	"net/http"
	"strconv"
	"time"
)

// maxBatch is how many items an import or a batch delete may hold.
const maxBatch = 500

// indicatorWire is a record as the service answers it, in the recorded order.
type indicatorWire struct {
	ID                   string   `json:"id"`
	IndicatorValue       string   `json:"indicatorValue"`
	IndicatorType        string   `json:"indicatorType"`
	Action               string   `json:"action"`
	CreatedBy            *string  `json:"createdBy"`
	Severity             string   `json:"severity"`
	Category             int      `json:"category"`
	Application          *string  `json:"application"`
	EducateURL           *string  `json:"educateUrl"`
	BypassDurationHours  *string  `json:"bypassDurationHours"`
	Title                *string  `json:"title"`
	Description          *string  `json:"description"`
	RecommendedActions   *string  `json:"recommendedActions"`
	CreationTime         string   `json:"creationTimeDateTimeUtc"`
	ExpirationTime       *string  `json:"expirationTime"`
	LastUpdateTime       string   `json:"lastUpdateTime"`
	LastUpdatedBy        *string  `json:"lastUpdatedBy"`
	RBACGroupNames       []string `json:"rbacGroupNames"`
	RBACGroupIDs         []int    `json:"rbacGroupIds"`
	NotificationID       *string  `json:"notificationId"`
	NotificationBody     *string  `json:"notificationBody"`
	Version              *string  `json:"version"`
	MitreTechniques      []string `json:"mitreTechniques"`
	HistoricalDetection  bool     `json:"historicalDetection"`
	LookBackPeriod       *string  `json:"lookBackPeriod"`
	GenerateAlert        bool     `json:"generateAlert"`
	AdditionalInfo       *string  `json:"additionalInfo"`
	CreatedByDisplayName *string  `json:"createdByDisplayName"`
	ExternalID           *string  `json:"externalId"`
	CreatedBySource      *string  `json:"createdBySource"`
	CertificateInfo      *string  `json:"certificateInfo"`
}

// shownAction is the name under which an action is answered.
func (o Options) shownAction(action string) string {
	if o.ModerniseActions {
		return modernAction(action)
	}
	return action
}

func (o Options) indicatorWire(i Indicator) indicatorWire {
	return indicatorWire{
		ID: i.ID, IndicatorValue: i.IndicatorValue, IndicatorType: i.IndicatorType, Action: o.shownAction(i.Action),
		CreatedBy: o.text(i.CreatedBy), Severity: i.Severity, Category: 1,
		Application: o.text(i.Application), EducateURL: o.text(i.EducateURL),
		Title: o.text(i.Title), Description: o.text(i.Description), RecommendedActions: o.text(i.RecommendedActions),
		CreationTime: timestamp(i.CreationTimeDateTimeUTC), ExpirationTime: timestampOrNull(i.ExpirationTime),
		LastUpdateTime: timestamp(i.LastUpdateTime), LastUpdatedBy: nullable(i.LastUpdatedBy),
		RBACGroupNames: append([]string{}, i.RBACGroupNames...), RBACGroupIDs: append([]int{}, i.RBACGroupIDs...),
		MitreTechniques: []string{}, GenerateAlert: i.GenerateAlert,
		CreatedByDisplayName: nullable(i.CreatedByDisplayName), ExternalID: nullable(i.ExternalID), CreatedBySource: nullable(i.CreatedBySource),
	}
}

// indicatorSet tells what the list can be filtered and ordered by.
func (o Options) indicatorSet() entitySet[Indicator] {
	return entitySet[Indicator]{
		name: "Indicators",
		properties: map[string]func(Indicator) any{
			"indicatorValue":          func(i Indicator) any { return i.IndicatorValue },
			"indicatorType":           func(i Indicator) any { return i.IndicatorType },
			"action":                  func(i Indicator) any { return o.shownAction(i.Action) },
			"severity":                func(i Indicator) any { return i.Severity },
			"title":                   func(i Indicator) any { return i.Title },
			"application":             func(i Indicator) any { return textOrNil(i.Application) },
			"createdBy":               func(i Indicator) any { return textOrNil(i.CreatedBy) },
			"createdByDisplayName":    func(i Indicator) any { return textOrNil(i.CreatedByDisplayName) },
			"creationTimeDateTimeUtc": func(i Indicator) any { return i.CreationTimeDateTimeUTC },
			"expirationTime":          func(i Indicator) any { return instantOrNil(i.ExpirationTime) },
			"generateAlert":           func(i Indicator) any { return i.GenerateAlert },
			"rbacGroupNames":          func(i Indicator) any { return i.RBACGroupNames },
			"rbacGroupIds":            func(i Indicator) any { return numerals(i.RBACGroupIDs) },
		},
		wire: func(i Indicator) any { return o.indicatorWire(i) },
	}
}

func nullable(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func timestampOrNull(t *time.Time) *string {
	if t == nil {
		return nil
	}
	return nullable(timestamp(*t))
}

func textOrNil(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func instantOrNil(t *time.Time) any {
	if t == nil {
		return nil
	}
	return *t
}

func numerals(numbers []int) []string {
	var texts []string
	for _, number := range numbers {
		texts = append(texts, strconv.Itoa(number))
	}
	return texts
}

// indicatorInput is what a client may send. The API accepts the properties
// after GenerateAlert; those without a Go field of their own are not kept.
type indicatorInput struct {
	IndicatorValue     *string    `json:"indicatorValue"`
	IndicatorType      string     `json:"indicatorType"`
	Action             string     `json:"action"`
	Title              *string    `json:"title"`
	Description        *string    `json:"description"`
	Severity           string     `json:"severity"`
	Application        string     `json:"application"`
	ExpirationTime     *time.Time `json:"expirationTime"`
	RecommendedActions string     `json:"recommendedActions"`
	EducateURL         string     `json:"educateUrl"`
	GenerateAlert      bool       `json:"generateAlert"`
	RBACGroupNames     []string   `json:"rbacGroupNames"`
	RBACGroupIDs       []int      `json:"rbacGroupIds"`
	ExternalID         string     `json:"externalId"`

	Category            any `json:"category"`
	BypassDurationHours any `json:"bypassDurationHours"`
	NotificationID      any `json:"notificationId"`
	NotificationBody    any `json:"notificationBody"`
	Version             any `json:"version"`
	CertificateInfo     any `json:"certificateInfo"`
	MitreTechniques     any `json:"mitreTechniques"`
	HistoricalDetection any `json:"historicalDetection"`
	LookBackPeriod      any `json:"lookBackPeriod"`
	AdditionalInfo      any `json:"additionalInfo"`
}

func decodeIndicator(data []byte) (Indicator, error) {
	in, err := decodeBody[indicatorInput](data)
	if err != nil {
		return Indicator{}, err
	}
	switch {
	case in.IndicatorValue == nil:
		return Indicator{}, missing("indicatorValue")
	case in.IndicatorType == "":
		return Indicator{}, missing("indicatorType")
	case in.Action == "":
		return Indicator{}, missing("action")
	case in.Title == nil:
		return Indicator{}, missing("title")
	case in.Description == nil:
		return Indicator{}, missing("description")
	}
	i := Indicator{
		IndicatorValue: *in.IndicatorValue, IndicatorType: in.IndicatorType, Action: in.Action,
		Title: *in.Title, Description: *in.Description, Severity: in.Severity, Application: in.Application,
		RecommendedActions: in.RecommendedActions, EducateURL: in.EducateURL, GenerateAlert: in.GenerateAlert,
		RBACGroupNames: in.RBACGroupNames, RBACGroupIDs: in.RBACGroupIDs, ExternalID: in.ExternalID,
	}
	if in.ExpirationTime != nil {
		expiration := in.ExpirationTime.UTC()
		i.ExpirationTime = &expiration
	}
	return i, nil
}

func (s *Server) listIndicators(r *request) response {
	return list(r, s.options, s.options.indicatorSet(), s.tenant.listIndicators(r.caller))
}

func (s *Server) indicatorAnswer(r *request, i Indicator) response {
	return odata(http.StatusOK, entity{r.metadata("Indicators/$entity"), s.options.indicatorWire(i)})
}

func (s *Server) getIndicator(r *request) response {
	if s.options.NoGetByID {
		return unknownURL(r)
	}
	i, err := s.tenant.getIndicator(r.params["id"], r.caller)
	if err != nil {
		return failed(err)
	}
	return s.indicatorAnswer(r, i)
}

func (s *Server) submitIndicator(r *request) response {
	i, err := decodeIndicator(r.body)
	if err != nil {
		return failed(err)
	}
	i, err = s.tenant.submit(i, r.caller)
	if err != nil {
		return failed(err)
	}
	return s.indicatorAnswer(r, i)
}

func (s *Server) deleteIndicator(r *request) response {
	if err := s.tenant.deleteIndicators([]string{r.params["id"]}, r.caller); err != nil {
		return failed(err)
	}
	return response{status: s.options.DeleteStatus}
}
