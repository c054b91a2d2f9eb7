/**
 * The dashboard: a client of the management API like any other, in the browser. Nothing here is trusted with more than its key
 * opens, and texts of instances are only ever text. Built by scripts/build.js, served by src/http/dashboard/.
 */
import { render } from 'preact';
import { App } from './shell/app.tsx';
import { applyTheme } from './shell/theme.ts';
import './styles/dashboard.css';

applyTheme();
const root = document.getElementById('app');
if (root) render(<App />, root);
