-- Sites whose net power was measured once: after a restart a silent meter is not taken for none.
CREATE TABLE measured_sites (
  tenant      TEXT   NOT NULL,
  site_id     TEXT   NOT NULL,
  measured_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, site_id)
);
